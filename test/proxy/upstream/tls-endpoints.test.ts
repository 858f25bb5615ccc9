// Requests to endpoints that speak TLS: who is believed, what is offered, and what becomes of failures.

import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import type { Cluster } from '../../../src/model/cluster.ts';
import type { Limits } from '../../../src/model/limits.ts';
import type { RetryPolicy } from '../../../src/model/retry-policy.ts';
import type { Secret } from '../../../src/model/secret.ts';
import type { UpstreamTls } from '../../../src/model/tls.ts';
import { outlierDetection } from '../../support/cluster-models.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import {
  authoritySecret,
  endpointTls,
  pairSecret,
  peerValidation,
  pem,
  secretOf,
  secretsOf,
} from '../../support/tls-fixtures.ts';
import { tlsOrigin } from '../../support/tls-origin.ts';

interface Parts {
  readonly tls: UpstreamTls | null;
  readonly cluster?: Partial<Cluster>;
  readonly retries?: RetryPolicy | null;
  readonly limits?: Partial<Limits>;
  readonly secrets?: readonly Secret[];
}

const allSecrets = [
  authoritySecret(),
  authoritySecret('other-authority'),
  secretOf('self', { trustedCa: pem('server-expired') }),
  secretOf('revoking', { trustedCa: pem('authority'), revocationList: pem('revoked.crl') }),
  pairSecret('client-good'),
];

function meshFor(ports: readonly number[], parts: Parts) {
  const action = forwardTo('origin', { retryPolicy: parts.retries ?? null });
  return meshOf({
    clusters: [clusterOf('origin', ports, { tls: parts.tls, ...parts.cluster })],
    routes: [route('all', {}, action)],
    limits: parts.limits ?? {},
  });
}

async function startProxy(t: Test, ports: readonly number[], parts: Parts): Promise<ProxyHarness> {
  const mesh = meshFor(ports, parts);
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(...(parts.secrets ?? allSecrets)));
  return proxy;
}

/** One request on a connection of its own. */
async function ask(proxy: ProxyHarness, host = 'a.example.com'): Promise<string> {
  const { status, body } = await proxy.send(getRequest('/', host));
  return `${status} ${body}`;
}

t.test('server name and name of the certificate are the Host without its port', async (t) => {
  const origin = await tlsOrigin(t);
  const proxy = await startProxy(t, [origin.port], { tls: endpointTls() });
  t.equal(await ask(proxy, 'A.example.com:8080'), '200 hello');
  t.strictSame(origin.handshakes, [
    { serverName: 'a.example.com', alpn: 'http/1.1', reused: false, client: null },
  ]);
  t.strictSame(origin.hosts, ['A.example.com:8080']);
  const { stats } = proxy.cluster();
  t.match(stats, { sslHandshake: 1, sslSessionReused: 0, sslConnectionError: 0 });
  t.strictSame(proxy.load, noLoad);
});

t.test('who is believed, and who is not', async (t) => {
  const trusting = (trustedCa: string, subjectAltNames: string[] = []) =>
    endpointTls({ validation: peerValidation({ trustedCa, subjectAltNames }) });
  const listed = (...names: string[]) => ({
    ...trusting('authority', names),
    autoSanValidation: false,
  });
  const chain = 'certificate_verify_failed';
  const cases: [what: string, server: string, tls: UpstreamTls, host: string, expected: string][] =
    [
      ['another authority', 'server-a', trusting('other-authority'), 'a.example.com', chain],
      ['expired', 'server-expired', trusting('self'), 'a.example.com', 'certificate_has_expired'],
      ['another name', 'server-a', endpointTls(), 'b.example.com', 'verify_SAN_list'],
      ['below a wildcard', 'server-b', endpointTls(), 'x.b.example.com', ''],
      ['two labels below', 'server-b', endpointTls(), 'y.x.b.example.com', 'verify_SAN_list'],
      ['a common name', 'server-common-name', endpointTls(), 'c.example.com', 'verify_SAN_list'],
      ['an address', 'server-a', endpointTls(), '127.0.0.1', 'verify_SAN_list'],
      ['no host at all', 'server-a', endpointTls(), '', 'verify_SAN_list'],
      ['a listed name', 'server-a', listed('x', 'A.example.com'), 'shop', ''],
      ['a listed URI', 'client-good', listed('spiffe://cluster.local/ns/default/sa/good'), 's', ''],
      ['a prefix is no name', 'client-good', listed('spiffe://*'), 's', 'verify_SAN_list'],
      [
        'both the Host and a name of the list',
        'server-a',
        trusting('authority', ['x']),
        'a.example.com',
        'verify_SAN_list',
      ],
      ['revoked', 'client-revoked', trusting('revoking'), 'client.example.com', 'revoked'],
      ['not revoked', 'server-a', trusting('revoking'), 'a.example.com', ''],
      [
        'nothing is checked',
        'server-expired',
        endpointTls({ validation: null, autoSanValidation: false }),
        'b',
        '',
      ],
      ['no authority of the platform', 'server-a', withPlatform(), 'a.example.com', chain],
      ['a missing authority', 'server-a', trusting('gone'), 'a.example.com', 'Secret_is_not'],
      ['a missing pair', 'server-a', endpointTls({ certificate: 'gone' }), 's', 'Secret_is_not'],
    ];
  for (const [what, server, tls, host, expected] of cases) {
    await t.test(what, async (t) => {
      const origin = await tlsOrigin(t, server);
      const proxy = await startProxy(t, [origin.port], { tls });
      const answer = await ask(proxy, host);
      if (expected === '') {
        t.equal(answer, '200 hello');
        return;
      }
      t.match(answer, /^503 .*reset reason: remote connection failure$/);
      const { flags, details } = await proxy.ending();
      t.equal(flags, 'UF');
      t.match(details, expected);
      t.strictSame(origin.hosts, []);
      t.strictSame(proxy.load, noLoad);
    });
  }
});

function withPlatform(): UpstreamTls {
  return endpointTls({ validation: { ...peerValidation(), trustedCa: null } });
}

t.test('failures are counted by what was wrong', async (t) => {
  const origin = await tlsOrigin(t);
  const other = endpointTls({ validation: peerValidation({ trustedCa: 'other-authority' }) });
  const missing = endpointTls({ certificate: 'gone' });
  const cases: [tls: UpstreamTls, host: string, counter: string][] = [
    [other, 'a.example.com', 'sslFailVerifyError'],
    [endpointTls(), 'b.example.com', 'sslFailVerifySan'],
    [missing, 'a.example.com', 'upstreamContextSecretsNotReady'],
  ];
  for (const [tls, host, counter] of cases) {
    const proxy = await startProxy(t, [origin.port], { tls });
    await ask(proxy, host);
    const { stats } = proxy.cluster();
    t.match(stats, { [counter]: 1, sslHandshake: 0, upstreamCxConnectFail: 1 }, counter);
  }
});

t.test('a certificate of the proxy is shown where the endpoint asks for one', async (t) => {
  const options = { requestCert: true, rejectUnauthorized: true, ca: pem('authority') };
  const origin = await tlsOrigin(t, 'server-a', options);
  const mutual = await startProxy(t, [origin.port], {
    tls: endpointTls({ certificate: 'client-good' }),
  });
  t.equal(await ask(mutual), '200 hello');
  t.match(origin.handshakes, [{ client: /CN=good client/ }]);
  const simple = await startProxy(t, [origin.port], { tls: endpointTls() });
  t.match(await ask(simple), '503');
  // In TLS 1.3 an endpoint refuses after the handshake.
  t.equal((await simple.ending()).flags, 'UC');
  const older = await tlsOrigin(t, 'server-a', { ...options, maxVersion: 'TLSv1.2' });
  const refused = await startProxy(t, [older.port], { tls: endpointTls() });
  t.match(await ask(refused), '503');
  const { flags, info } = await refused.ending();
  t.equal(flags, 'UF');
  t.match(
    info.upstreamTransportFailure,
    /^TLS_error:\|0A000410:.*handshake failure:TLS_error_end$/,
  );
});

t.test('what is configured is sent, whatever the Host', async (t) => {
  const origin = await tlsOrigin(t);
  const proxy = await startProxy(t, [origin.port], {
    tls: endpointTls({
      sni: 'Other.example',
      autoSanValidation: false,
      alpn: ['istio', 'http/1.1'],
    }),
  });
  t.equal(await ask(proxy, 'one'), '200 hello');
  t.equal(await ask(proxy, 'two'), '200 hello');
  t.match(origin.handshakes, [{ serverName: 'Other.example', alpn: 'http/1.1' }]);
  t.equal(origin.handshakes.length, 1, 'one connection serves all hosts');
});

t.test('a host that the route puts in place of the client’s is the name', async (t) => {
  const origin = await tlsOrigin(t);
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port], { tls: endpointTls() })],
    routes: [route('all', {}, forwardTo('origin', { hostRewrite: 'a.example.com' }))],
  });
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(...allSecrets));
  t.equal(await ask(proxy, 'shop'), '200 hello');
  t.match(origin.handshakes, [{ serverName: 'a.example.com' }]);
  t.strictSame(origin.hosts, ['a.example.com']);
});

t.test('bodies pass whole, at the pace of their readers', async (t) => {
  const origin = await tlsOrigin(t);
  const limits = { streamBufferBytes: 64 * 1024 };
  const proxy = await startProxy(t, [origin.port], { tls: endpointTls(), limits });
  const body = Buffer.alloc(20_000_000, 'sluice and tls ');
  const head = `POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: ${body.length}\r\n\r\n`;
  const response = await proxy.send(Buffer.concat([Buffer.from(head), body]), 'POST');
  t.equal(response.status, 200);
  t.ok(response.body.equals(body));
});

t.test('a session is resumed by the next connection', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const origin = await tlsOrigin(t, 'server-a', { maxVersion });
    const proxy = await startProxy(t, [origin.port], {
      tls: endpointTls(),
      cluster: { connection: { ...clusterOf('x', []).connection, maxRequestsPerConnection: 1 } },
    });
    for (let i = 0; i < 3; i++) t.equal(await ask(proxy), '200 hello');
    t.strictSame(
      origin.handshakes.map(({ reused }) => reused),
      [false, true, true],
      maxVersion,
    );
    t.equal(proxy.cluster().stats.sslSessionReused, 2);
  }
});

t.test('each server name has connections of its own, a bounded number of them', async (t) => {
  const origin = await tlsOrigin(t, 'server-b');
  const proxy = await startProxy(t, [origin.port], {
    tls: endpointTls(),
    limits: { serverNamesPerEndpoint: 2 },
  });
  const names = ['one', 'two', 'one', 'three', 'one', 'two'];
  for (const name of names) t.equal(await ask(proxy, `${name}.b.example.com`), '200 hello');
  const opened = origin.handshakes.map(({ serverName }) => serverName?.split('.')[0]);
  t.strictSame(opened, ['one', 'two', 'three', 'two'], 'the one used least recently was closed');
  await proxy.until('closed connections', () => proxy.endpoint().connectionsActive === 2);
});

t.test('an endpoint in plain text', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const proxy = await startProxy(t, [port], { tls: endpointTls(), retries: retryPolicy() });
  t.match(
    await ask(proxy),
    /^503 .*retried and the latest reset reason: remote connection failure$/,
  );
  const { flags, details, attempts } = await proxy.ending();
  t.strictSame([flags, attempts], ['URX,UF', 3]);
  t.match(details, /\|TLS_error:\|0A00010B:SSL_routines:.*:wrong_version_number:TLS_error_end}$/);
  t.match(proxy.cluster().stats, { sslConnectionError: 3, upstreamCxConnectFail: 3 });
});

t.test('a retry finds the endpoint that is the right one', async (t) => {
  const wrong = await tlsOrigin(t, 'server-expired');
  const good = await tlsOrigin(t);
  const proxy = await startProxy(t, [wrong.port, good.port], {
    tls: endpointTls(),
    retries: retryPolicy({ retryOn: ['connect-failure'] }),
  });
  for (let i = 0; i < 4; i++) t.equal(await ask(proxy), '200 hello');
  t.strictSame(wrong.hosts, []);
});

t.test('an endpoint that is not believed is ejected', async (t) => {
  const wrong = await tlsOrigin(t, 'server-expired');
  const proxy = await startProxy(t, [wrong.port], {
    tls: endpointTls(),
    cluster: { outlierDetection: outlierDetection({ consecutive5xx: 2 }) },
  });
  for (let i = 0; i < 2; i++) t.match(await ask(proxy), '503');
  t.equal(proxy.endpoint().ejected, true);
});

t.test('a handshake that does not end is a connect timeout', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const proxy = await startProxy(t, [port], {
    tls: endpointTls(),
    cluster: { connection: { ...clusterOf('x', []).connection, connectTimeoutMs: 50 } },
  });
  t.match(await ask(proxy), /^503 .*reset reason: connection timeout$/);
  t.match(proxy.cluster().stats, { upstreamCxConnectTimeout: 1, sslHandshake: 0 });
});

t.test('HTTP/2 is agreed on', async (t) => {
  const server = createSecureServer({ cert: pem('server-a'), key: pem('server-a.key') });
  const alpn: unknown[] = [];
  server.on('session', (session) => {
    alpn.push(session.alpnProtocol);
    t.teardown(() => session.destroy());
  });
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 });
    stream.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const proxy = await startProxy(t, [port], {
    tls: endpointTls({ alpn: ['h2'] }),
    cluster: { protocol: 'http2' },
  });
  t.equal(await ask(proxy), '200 hello');
  t.strictSame(alpn, ['h2']);
});

t.test('a reload changes what new connections do', async (t) => {
  const origin = await tlsOrigin(t);
  const tls = endpointTls();
  const proxy = await startProxy(t, [origin.port], { tls });
  const reload = (parts: Parts) =>
    proxy.runtime.apply(meshFor([origin.port], parts), secretsOf(...(parts.secrets ?? allSecrets)));
  t.equal(await ask(proxy), '200 hello');
  await reload({ tls: { ...tls } });
  t.equal(await ask(proxy), '200 hello');
  t.equal(origin.handshakes.length, 1, 'the same settings and secrets: the connection stays');
  await reload({ tls, secrets: [authoritySecret('other-authority', 'authority')] });
  t.equal(await ask(proxy), '200 hello', 'what is connected goes on');
  await reload({ tls: null });
  t.match(await ask(proxy), /^(400|503) /, 'plain text from now on');
  await reload({ tls, secrets: [authoritySecret('other-authority', 'authority')] });
  t.match(await ask(proxy), '503', 'the other authority');
  await reload({ tls });
  t.equal(await ask(proxy), '200 hello');
});

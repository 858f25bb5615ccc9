import { type AddressInfo, connect as connectPlain, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import t, { type Test } from 'tap';
import { matchAny } from '../../../src/model/filter-chain.ts';
import type { DownstreamTls } from '../../../src/model/tls.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import {
  mutualTls,
  pairSecret,
  peerValidation,
  pem,
  secretOf,
  secretsOf,
  simpleTls,
} from '../../support/tls-fixtures.ts';
import { askByTls, startTlsProxy, tlsChain, tlsClient, tlsMesh } from '../../support/tls-proxy.ts';

const good = { cert: pem('client-good'), key: pem('client-good.key') };
const wrong = { cert: pem('client-wrong'), key: pem('client-wrong.key') };
const revoked = { cert: pem('client-revoked'), key: pem('client-revoked.key') };
const nameless = { cert: pem('client-nameless'), key: pem('client-nameless.key') };

t.test('a request by TLS is answered', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const { socket, answer } = await askByTls(t, proxy.port);
  t.equal(answer, 'hello');
  t.equal(socket.authorized, true);
  t.equal(socket.getProtocol(), 'TLSv1.3');
  const { info } = await proxy.ending();
  t.match(info, {
    scheme: 'https',
    requestedServerName: 'a.example.com',
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', peer: null },
  });
  t.match(proxy.listener.stats, { sslHandshake: 1, sslNoCertificate: 1, sslConnectionError: 0 });
});

t.test('versions, ciphers and protocols', async (t) => {
  const rows: readonly [string, Partial<DownstreamTls>, ConnectionOptions, string, object][] = [
    [
      'TLS 1.2',
      {},
      { maxVersion: 'TLSv1.2' },
      'hello',
      { protocol: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    ],
    ['a listener up to 1.2', { maxVersion: 'TLSv1.2' }, {}, 'hello', { protocol: 'TLSv1.2' }],
    [
      'a client from 1.3 on',
      { maxVersion: 'TLSv1.2' },
      { minVersion: 'TLSv1.3' },
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      {},
    ],
    [
      'an old client',
      {},
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      {},
    ],
    [
      'an old client, old versions, new ciphers',
      { minVersion: 'TLSv1' },
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
      {},
    ],
    [
      'an old client, old versions, old ciphers',
      { minVersion: 'TLSv1', cipherSuites: ['ECDHE-ECDSA-AES128-SHA'] },
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      'hello',
      { protocol: 'TLSv1.1' },
    ],
    [
      'the listener has a cipher',
      { cipherSuites: ['ECDHE-ECDSA-AES256-GCM-SHA384'] },
      { maxVersion: 'TLSv1.2' },
      'hello',
      { cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
    ],
    ['protocols: none offered', {}, {}, 'hello', { alpn: false }],
    [
      'protocols: the listener has none',
      { alpn: [] },
      { ALPNProtocols: ['http/1.1'] },
      'hello',
      { alpn: false },
    ],
    ['protocols: unknown', {}, { ALPNProtocols: ['foo'] }, 'hello', { alpn: false }],
    [
      'protocols: one of two',
      {},
      { ALPNProtocols: ['foo', 'http/1.1'] },
      'hello',
      { alpn: 'http/1.1' },
    ],
    [
      'protocols: the order of the listener',
      { alpn: ['http/1.1', 'h2'] },
      { ALPNProtocols: ['h2', 'http/1.1'] },
      'hello',
      { alpn: 'http/1.1' },
    ],
  ];
  for (const [name, tls, options, expected, facts] of rows) {
    await t.test(name, async (t) => {
      const proxy = await startTlsProxy(t, simpleTls(tls));
      const { socket, answer } = await askByTls(t, proxy.port, options);
      t.equal(answer, expected);
      const found = {
        protocol: socket.getProtocol(),
        cipher: socket.getCipher()?.name,
        alpn: socket.alpnProtocol,
      };
      t.match(found, facts);
      if (expected !== 'hello') t.equal(proxy.listener.stats.sslConnectionError, 1);
    });
  }
});

t.test('a handshake in pieces of seven bytes', async (t) => {
  const proxy = await startTlsProxy(t, mutualTls());
  const below = connectPlain({ port: proxy.port, host: '127.0.0.1', noDelay: true });
  const pieces = new Duplex({
    read: () => {},
    write: async (chunk: Buffer, _encoding, done) => {
      for (let at = 0; at < chunk.length; at += 7) {
        below.write(chunk.subarray(at, at + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      done();
    },
    destroy: (error, done) => {
      below.destroy();
      done(error);
    },
  });
  below.on('data', (chunk) => pieces.push(chunk));
  const { answer } = await askByTls(t, proxy.port, { ...good, socket: pieces });
  t.equal(answer, 'hello');
});

t.test('clients that leave in the middle of a handshake', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const hello = await clientHello(t);
  for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const client = connectPlain({ port: proxy.port, host: '127.0.0.1' });
    client.on('error', () => {});
    client.write(hello);
    await new Promise((resolve) => client.once('data', resolve));
    client[leave]();
    await proxy.until(leave, () => proxy.listener.openConnections === 0);
  }
  t.equal(proxy.context.wheel.size, 0, 'no timer');
  t.equal(proxy.listener.stats.sslHandshake, 0);
});

t.test('HTTP/2 begins where it was agreed on', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const socket = tlsClient(t, proxy.port, { ALPNProtocols: ['http/1.1', 'h2'] });
  const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  t.equal(socket.alpnProtocol, 'h2');
  t.equal(first[3], 4, 'a SETTINGS frame');
});

t.test('one of several certificates', async (t) => {
  const all = ['server-a', 'server-b', 'server-rsa', 'server-common-name'];
  const proxy = await startTlsProxy(
    t,
    simpleTls({ certificates: all }),
    all.map((name) => pairSecret(name)),
  );
  const shown = async (servername: string, options: ConnectionOptions = {}) => {
    const { socket } = await askByTls(t, proxy.port, {
      servername,
      rejectUnauthorized: false,
      ...options,
    });
    return socket.getPeerX509Certificate()?.subject;
  };
  t.equal(await shown('a.example.com'), 'CN=server a');
  t.equal(await shown('A.Example.com'), 'CN=server a');
  t.equal(await shown('b.example.com'), 'CN=server b');
  t.equal(await shown('any.b.example.com'), 'CN=server b');
  t.equal(await shown('a.b.b.example.com'), 'CN=server a', 'a wildcard is one label: the first');
  t.equal(await shown('c.example.com'), 'CN=c.example.com');
  t.equal(await shown('', {}), 'CN=server a', 'no name: the first');
  const rsa = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } as const;
  t.equal(await shown('a.example.com', rsa), 'CN=server rsa');
});

t.test('a missing secret closes the connections of its own chain', async (t) => {
  const mesh = tlsMesh([
    tlsChain(simpleTls({ certificates: ['gone'] }), {
      name: 'gone',
      match: { ...matchAny, transport: 'tls', serverNames: ['gone.example.com'] },
    }),
    tlsChain(simpleTls(), { name: 'here' }),
  ]);
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a')));
  t.equal((await askByTls(t, proxy.port, { servername: 'gone.example.com' })).answer, 'ECONNRESET');
  t.equal((await askByTls(t, proxy.port)).answer, 'hello');
  t.equal(proxy.listener.stats.downstreamContextSecretsNotReady, 1);
  await proxy.runtime.apply(
    mesh,
    secretsOf(pairSecret('server-a'), pairSecret('server-b', 'gone')),
  );
  const late = await askByTls(t, proxy.port, {
    servername: 'gone.example.com',
    checkServerIdentity: () => undefined,
  });
  t.equal(late.answer, 'hello', 'it has come');
});

t.test('an authority that is missing, a key of another certificate', async (t) => {
  const mixed = secretOf('server-a', {
    certificate: pem('server-a'),
    privateKey: pem('server-b.key'),
  });
  for (const [tls, secret] of [
    [mutualTls(), pairSecret('server-a')],
    [simpleTls(), mixed],
    [
      simpleTls({ cipherSuites: ['NO-SUCH-CIPHER'], maxVersion: 'TLSv1.2' }),
      pairSecret('server-a'),
    ],
  ] as const) {
    const proxy = await startTlsProxy(t, tls, [secret]);
    t.equal((await askByTls(t, proxy.port)).answer, 'ECONNRESET');
    const problem = proxy.listener.filterChains[0]?.tls?.prepare();
    t.equal(problem, tls.cipherSuites === null ? null : 'ERR_SSL_NO_CIPHER_MATCH');
  }
});

const identity = 'spiffe://cluster.local/ns/default/sa/good';

t.test('certificates of clients', async (t) => {
  const crl = secretOf('authority', {
    trustedCa: pem('authority'),
    revocationList: pem('revoked.crl'),
  });
  const optional = mutualTls({ clientCertificate: 'optional' });
  const names = (...subjectAltNames: string[]) =>
    mutualTls({ validation: peerValidation({ subjectAltNames }) });
  const hashes = (changes: object) =>
    mutualTls({ validation: peerValidation({ trustedCa: null, ...changes }) });
  const certificateHashes = ['d'.repeat(64)];
  const rows: readonly [string, DownstreamTls, ConnectionOptions, boolean, object][] = [
    ['required: none', mutualTls(), {}, false, { sslFailVerifyNoCert: 1 }],
    ['required: good', mutualTls(), good, true, { sslHandshake: 1, sslNoCertificate: 0 }],
    ['required: of another authority', mutualTls(), wrong, false, { sslFailVerifyError: 1 }],
    ['required: revoked', mutualTls(), revoked, false, { sslFailVerifyError: 1 }],
    ['optional: none', optional, {}, true, { sslNoCertificate: 1 }],
    ['optional: good', optional, good, true, { sslNoCertificate: 0 }],
    ['optional: of another authority', optional, wrong, false, { sslFailVerifyError: 1 }],
    ['not asked for', simpleTls(), wrong, true, { sslNoCertificate: 1 }],
    ['any passes', mutualTls({ validation: null }), wrong, true, { sslHandshake: 1 }],
    ['a name', names('x', 'alt.example.com'), good, true, { sslHandshake: 1 }],
    ['a URI', names(identity), good, true, { sslHandshake: 1 }],
    ['the start of a URI', names('spiffe://cluster.local/*'), good, true, { sslHandshake: 1 }],
    ['a domain', names('*.example.com'), good, true, { sslHandshake: 1 }],
    ['another name', names('example.com'), good, false, { sslFailVerifySan: 1 }],
    ['no name', names('client.example.com'), nameless, false, { sslFailVerifySan: 1 }],
    [
      'the name, another authority',
      names('client.example.com'),
      wrong,
      false,
      { sslFailVerifyError: 1 },
    ],
    ['another hash', hashes({ certificateHashes }), good, false, { sslFailVerifyCertHash: 1 }],
  ];
  for (const [name, tls, client, passes, stats] of rows) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await t.test(`${name}, ${maxVersion}`, async (t) => {
        const proxy = await startTlsProxy(t, tls, [pairSecret('server-a'), crl]);
        const { answer } = await askByTls(t, proxy.port, { ...client, maxVersion });
        t.equal(answer === 'hello', passes, answer);
        t.match(proxy.listener.stats, { ...stats, downstreamRqTotal: passes ? 1 : 0 });
      });
    }
  }
});

t.test('a handshake that does not end has its time', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls(), undefined, { manualTime: true });
  const hello = await clientHello(t);
  const client = connectPlain({ port: proxy.port, host: '127.0.0.1' });
  t.teardown(() => client.destroy());
  client.write(hello);
  await new Promise((resolve) => client.once('data', resolve));
  proxy.advance(14_000);
  t.equal(proxy.listener.openConnections, 1);
  proxy.advance(1_100);
  await proxy.until('the end', () => proxy.listener.openConnections === 0);
  t.equal(proxy.listener.stats.downstreamCxTransportSocketConnectTimeout, 1);
});

/** What a client sends first. */
function clientHello(t: Test): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk);
        socket.destroy();
      });
    });
    t.teardown(() => server.close());
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      connect({ port, host: '127.0.0.1', servername: 'a.example.com' }).on('error', () => {});
    });
  });
}

import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { clusterOf } from '../../support/mesh-models.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok, scriptedOrigin } from '../../support/scripted-origin.ts';
import {
  authoritySecret,
  mutualTls,
  pairSecret,
  peerValidation,
  pem,
  secretsOf,
  simpleTls,
  tlsFile,
} from '../../support/tls-fixtures.ts';
import {
  askAgain,
  askByTls,
  startTlsProxy,
  tlsChain,
  tlsClient,
  tlsMesh,
} from '../../support/tls-proxy.ts';

const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

const goodClient = { cert: pem('client-good'), key: pem('client-good.key') };

t.test('a renewed certificate is shown by the next handshake; open connections stay', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const mesh = proxy.runtime.snapshot.mesh;
  const old = await askByTls(t, proxy.port);
  t.equal(subjectOf(old.socket), 'CN=server a');
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-renewed', 'server-a')));
  const fresh = await askByTls(t, proxy.port);
  t.equal(subjectOf(fresh.socket), 'CN=server renewed');
  t.equal(await askAgain(old.socket), 'hello', 'the open connection');
  t.equal(proxy.listener.stats.downstreamCxDestroy, 0);
});

t.test('what a reload does not change is not made anew', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const { tls } = proxy.context;
  const chain = () => proxy.listener.filterChains[0]?.tls;
  const before = chain()?.contextFor('a.example.com');
  const { version } = tls;
  await proxy.runtime.apply(proxy.runtime.snapshot.mesh, tls.secrets);
  t.equal(tls.version, version, 'the same secrets');
  t.equal(chain()?.contextFor('a.example.com'), before);
  const copies = [...tls.secrets.values()].map((secret) => ({ ...secret }));
  await proxy.runtime.apply(proxy.runtime.snapshot.mesh, secretsOf(...copies));
  t.equal(chain()?.contextFor('a.example.com'), before, 'new objects with the same texts');
});

t.test('sessions are resumed', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const tls = mutualTls();
    const proxy = await startTlsProxy(t, tls);
    const client = { ...goodClient, maxVersion } as const;
    const first = await sessionOf(t, proxy.port, client);
    t.equal(first.isReused, false);
    const second = await sessionOf(t, proxy.port, { ...client, session: first.session });
    t.equal(second.isReused, true, `${maxVersion}: with its ticket`);
    t.equal(proxy.listener.stats.sslSessionReused, 1);
    const peers = proxy.ended.map(({ info }) => info.tls?.peer?.subject);
    t.same(peers, Array(2).fill('CN=good client,O=sluice test'), 'the certificate is remembered');

    const renewed = secretsOf(pairSecret('server-renewed', 'server-a'), authoritySecret());
    await proxy.runtime.apply(proxy.runtime.snapshot.mesh, renewed);
    const third = await sessionOf(t, proxy.port, { ...client, session: first.session });
    t.equal(third.isReused, true, `${maxVersion}: after a renewed certificate`);

    const stricter = mutualTls({ validation: peerValidation({ subjectAltNames: ['x'] }) });
    await proxy.runtime.apply(tlsMesh([tlsChain(stricter)]), renewed);
    const refused = await sessionOf(t, proxy.port, { ...client, session: first.session });
    t.equal(refused.answer === 'hello', false, `${maxVersion}: not past other rules`);
    const other = tlsMesh([tlsChain({ ...tls, clientCertificate: 'optional' })]);
    await proxy.runtime.apply(other, renewed);
    const fresh = await sessionOf(t, proxy.port, { ...client, session: first.session });
    t.equal(fresh.isReused, false, `${maxVersion}: nor with other rules that let it in`);
  }
});

t.test('the key of tickets lasts a day', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls(), undefined, { manualTime: true });
  const first = await sessionOf(t, proxy.port, {});
  proxy.advance(86_000_000);
  const second = await sessionOf(t, proxy.port, { session: first.session });
  t.equal(second.isReused, true);
  proxy.advance(1_000_000);
  const third = await sessionOf(t, proxy.port, { session: second.session });
  t.equal(third.isReused, false);
  t.equal(third.answer, 'hello');
});

t.test('a session of a refused client is refused again', async (t) => {
  const proxy = await startTlsProxy(t, mutualTls());
  const wrong = { cert: pem('client-wrong'), key: pem('client-wrong.key'), maxVersion: 'TLSv1.2' };
  const first = await sessionOf(t, proxy.port, wrong as ConnectionOptions);
  t.not(first.answer, 'hello');
  const options = { ...wrong, session: first.session } as ConnectionOptions;
  const second = await sessionOf(t, proxy.port, options);
  t.not(second.answer, 'hello');
  t.equal(proxy.listener.stats.downstreamRqTotal, 0);
});

t.test('nobody starts another handshake', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const { socket } = await askByTls(t, proxy.port, { maxVersion: 'TLSv1.2' });
  const error = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  socket.renegotiate({}, () => {});
  t.match((await error).code, /NO_RENEGOTIATION/);
});

t.test('a record that is none ends the connection', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const below = connectPlain({ port: proxy.port, host: '127.0.0.1' });
  const { answer } = await askByTls(t, proxy.port, { socket: below });
  t.equal(answer, 'hello');
  below.write(Buffer.from('170303001000112233445566778899aabbccddeeff', 'hex'));
  await proxy.until('the end', () => proxy.listener.openConnections === 0);
  t.equal(proxy.listener.stats.sslConnectionError, 1);
});

t.test('a client that resets the connection has left', async (t) => {
  const origin = await scriptedOrigin(() => null);
  t.teardown(() => origin.stop());
  const mesh = tlsMesh([tlsChain(simpleTls())], {
    routes: [route('all', {}, forwardTo('origin'))],
    clusters: [clusterOf('origin', [origin.port])],
  });
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a')));
  for (const leave of ['destroy', 'resetAndDestroy'] as const) {
    origin.forget();
    const below = connectPlain({ port: proxy.port, host: '127.0.0.1' });
    tlsClient(t, proxy.port, { socket: below })
      .on('error', () => {})
      .write(request);
    await proxy.until('the request', () => origin.requests.length === 1);
    below[leave]();
    const count = leave === 'destroy' ? 1 : 2;
    const { flags, details } = await proxy.ending(count);
    t.same({ flags, details }, { flags: 'DC', details: 'downstream_remote_disconnect' }, leave);
  }
  t.equal(proxy.listener.stats.sslConnectionError, 0);
});

t.test('much in both directions', async (t) => {
  const origin = await scriptedOrigin(({ body }) => ok(body.toString('latin1')));
  t.teardown(() => origin.stop());
  const mesh = tlsMesh([tlsChain(simpleTls())], {
    routes: [route('all', {}, forwardTo('origin'))],
    clusters: [clusterOf('origin', [origin.port])],
  });
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a')));
  const socket = tlsClient(t, proxy.port);
  const sent = randomBytes(3 * 1024 * 1024);
  const lines = `host: a\r\nconnection: close\r\ncontent-length: ${sent.length}`;
  socket.write(`POST / HTTP/1.1\r\n${lines}\r\n\r\n`);
  socket.write(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  const body = all.subarray(all.indexOf('\r\n\r\n') + 4);
  t.ok(body.equals(sent));
  t.match(await proxy.ending(), { sent: sent.length, received: sent.length });
});

t.test('a thousand handshakes leave nothing behind', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const rounds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const { socket } = await askByTls(t, proxy.port);
          socket.destroy();
        }),
      );
    }
    await proxy.until('all ends', () => proxy.listener.openConnections === 0);
  };
  await rounds(100);
  t.equal(proxy.listener.stats.sslHandshake, 1000);
  t.equal(proxy.listener.stats.downstreamCxActive, 0);
  t.equal(proxy.context.wheel.size, 0, 'no timer');
});

t.test('curl', { skip: !isThere('curl') && 'no curl on this machine' }, async (t) => {
  const proxy = await startTlsProxy(t, mutualTls());
  const resolve = `a.example.com:${proxy.port}:127.0.0.1`;
  const url = `https://a.example.com:${proxy.port}/`;
  const common = ['-sS', '--resolve', resolve, '--cacert', tlsFile('authority.pem'), url];
  const own = ['--cert', tlsFile('client-good.pem'), '--key', tlsFile('client-good.key.pem')];
  t.equal(await run('curl', ['--http1.1', ...common, ...own]), 'hello');
  t.equal(await run('curl', ['--http2', ...common, ...own]), 'hello');
  t.equal(await run('curl', ['--tls-max', '1.2', '--http1.1', ...common, ...own]), 'hello');
  await t.rejects(run('curl', ['--http1.1', ...common]));
});

t.test('openssl', { skip: !isThere('openssl') && 'no openssl on this machine' }, async (t) => {
  const proxy = await startTlsProxy(t, mutualTls());
  const out = await run('openssl', [
    ...['s_client', '-connect', `127.0.0.1:${proxy.port}`, '-servername', 'a.example.com'],
    ...['-CAfile', tlsFile('authority.pem'), '-alpn', 'http/1.1', '-verify_return_error'],
    ...['-cert', tlsFile('client-good.pem'), '-key', tlsFile('client-good.key.pem')],
  ]);
  t.match(out, 'ALPN protocol: http/1.1');
  t.match(out, 'Verify return code: 0 (ok)');
  t.match(out, 'CN = authority', 'it says whose certificates it takes');
  t.match(out, 'Compression: NONE');
});

function subjectOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subject;
}

/** One request; `session` is what another connection may go on with. */
async function sessionOf(t: Test, port: number, options: ConnectionOptions) {
  let session: Buffer | undefined;
  const socket = tlsClient(t, port, options);
  socket.on('session', (latest: Buffer) => {
    session = latest;
  });
  const answer = await askAgain(socket);
  return { answer, session, isReused: socket.isSessionReused() };
}

function isThere(program: string): boolean {
  return spawnSync(program, ['version']).error === undefined;
}

/** What a program prints; rejects unless it ends well. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    child.stdin?.end();
  });
}

// A TCP proxy whose endpoints speak TLS.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { atRest, rawServer, type TcpSetup, tcpMesh } from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { authoritySecret, endpointTls, pem, secretsOf } from '../../support/tls-fixtures.ts';

interface Started {
  readonly proxy: ProxyHarness;
  /** As the endpoint sees them. */
  readonly secured: TLSSocket[];
}

const tls = endpointTls({ autoSanValidation: false });

async function startProxy(t: Test, port: number, setup: TcpSetup): Promise<ProxyHarness> {
  const mesh = tcpMesh([port], setup);
  const proxy = await ProxyHarness.start(t, mesh, setup);
  await proxy.runtime.apply(mesh, secretsOf(authoritySecret()));
  return proxy;
}

/** An endpoint that sends back what it gets, and ends when that ends. */
async function start(t: Test, certificate = 'server-a', setup: TcpSetup = {}): Promise<Started> {
  const secured: TLSSocket[] = [];
  const options = { cert: pem(certificate), key: pem(`${certificate}.key`), allowHalfOpen: true };
  const server = createTlsServer(options, (socket) => {
    secured.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of secured) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const proxy = await startProxy(t, port, { ...setup, cluster: { tls, ...setup.cluster } });
  return { proxy, secured };
}

function client(t: Test, proxy: ProxyHarness): Socket {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  return socket;
}

/** Bytes until the end. */
async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  await once(socket, 'end');
  return Buffer.concat(parts);
}

/** Whichever way. */
function closed(socket: Socket): Promise<void> {
  socket.resume();
  socket.on('end', () => socket.end());
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
  });
}

t.test('bytes pass both ways, and each direction ends by itself', async (t) => {
  const { proxy, secured } = await start(t);
  const socket = client(t, proxy);
  const sent = Buffer.alloc(5_000_000, 'sluice');
  socket.end(sent);
  t.ok((await readAll(socket)).equals(sent));
  const { flags, received, info } = await proxy.ending();
  t.strictSame([flags, received], ['-', sent.length]);
  t.match(info.upstreamLocalAddress, /^127\.0\.0\.1:\d+$/);
  t.equal(secured[0]?.alpnProtocol, false, 'nothing is offered');
  t.match(proxy.cluster().stats, { sslHandshake: 1, upstreamCxConnectFail: 0 });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a later connection resumes the session', async (t) => {
  const { proxy } = await start(t);
  for (let i = 0; i < 2; i++) {
    const socket = client(t, proxy);
    socket.end('hello');
    t.equal(String(await readAll(socket)), 'hello');
  }
  t.match(proxy.cluster().stats, { sslHandshake: 2, sslSessionReused: 1 });
});

t.test('an endpoint that is not believed gets nothing', async (t) => {
  const { proxy } = await start(t, 'server-expired');
  const socket = client(t, proxy);
  socket.write('secret');
  await closed(socket);
  const { flags, info } = await proxy.ending();
  t.equal(flags, 'UF,URX');
  t.match(info.upstreamTransportFailure, /^TLS_error:.*certificate verify failed/);
  t.match(proxy.cluster().stats, { sslFailVerifyError: 1, sslHandshake: 0 });
});

t.test('a header of the PROXY protocol goes before TLS', async (t) => {
  const secureContext = { cert: pem('server-a'), key: pem('server-a.key') };
  const inner = createTlsServer(secureContext, (socket) => socket.end('hello'));
  inner.listen(0, '127.0.0.1');
  await once(inner, 'listening');
  t.teardown(() => inner.close());
  let header = '';
  const outer = createServer((socket) => {
    socket.once('readable', () => {
      const bytes = socket.read() as Buffer;
      const end = bytes.indexOf('\r\n') + 2;
      header = bytes.toString('latin1', 0, end);
      const next = connect((inner.address() as AddressInfo).port, '127.0.0.1');
      next.write(bytes.subarray(end));
      socket.pipe(next).pipe(socket);
      socket.on('error', () => next.destroy());
      next.on('error', () => socket.destroy());
    });
  });
  outer.listen(0, '127.0.0.1');
  await once(outer, 'listening');
  t.teardown(() => outer.close());
  const { port } = outer.address() as AddressInfo;
  const proxy = await startProxy(t, port, { cluster: { tls, proxyProtocol: 'V1' } });
  const socket = client(t, proxy);
  t.equal(String(await readAll(socket)), 'hello');
  t.equal(header, `PROXY TCP4 127.0.0.1 127.0.0.1 ${socket.localPort} ${proxy.port}\r\n`);
});

t.test('a client that resets has its connection to the endpoint reset', async (t) => {
  const { proxy, secured } = await start(t);
  const socket = client(t, proxy);
  socket.write('hello');
  await once(socket, 'data');
  const lost = once(secured[0] as TLSSocket, 'error');
  socket.resetAndDestroy();
  const [error] = (await lost) as [NodeJS.ErrnoException];
  t.equal(error.code, 'ECONNRESET');
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a handshake that does not end is given up', async (t) => {
  const port = await rawServer(t, (socket) => socket.resume());
  const connection = { ...tcpMesh([port]).clusters[0]?.connection, connectTimeoutMs: 50 };
  const proxy = await startProxy(t, port, { cluster: { tls, connection: connection as never } });
  await closed(client(t, proxy));
  const { flags } = await proxy.ending();
  t.equal(flags, 'UF,URX');
  t.match(proxy.cluster().stats, { upstreamCxConnectTimeout: 1, sslHandshake: 0 });
});

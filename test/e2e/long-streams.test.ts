/**
 * What stays open for long: WebSockets and gRPC streams outlive reloads, go on to carry messages,
 * and end cleanly when the proxy does. 100 WebSockets and 20 streams over 20 reloads; 1,000 and 200
 * over 100 with SLUICE_FULL=1.
 */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { eventually } from '../support/deadline.ts';
import { type EdgeProxy, startEdgeProxy } from '../support/edge-proxy.ts';
import { headerValue } from '../support/http-reader.ts';
import { Origin } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';

const isFull = process.env.SLUICE_FULL === '1';
const webSockets = isFull ? 1000 : 100;
const grpcStreams = isFull ? 200 : 20;
const reloads = isFull ? 100 : 20;
/** Streams of one connection of a gRPC client. */
const streamsPerClient = 20;

t.setTimeout(reloads * 1000 + 120_000);

const upgrade = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
] as const;

/** Grants every upgrade, and sends back what comes after it. */
function echoingOrigin(): Promise<Origin> {
  const switched = new WeakSet<object>();
  return Origin.start((connection, data) => {
    const { socket } = connection;
    if (switched.has(socket)) {
      socket.write(data);
      return;
    }
    const head = connection.received().toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    if (!/^upgrade: websocket\r$/im.test(head)) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    switched.add(socket);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
  });
}

/** Answers each message of a stream with the same message; status 0 when the client has ended. */
async function echoingService(): Promise<Http2Server> {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.pipe(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function rules(version: number, grpcPort: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: echo}
spec:
  hosts: [echo.test]
  resolution: STATIC
  ports: [{number: 90, name: grpc, protocol: GRPC}]
  endpoints: [{address: 127.0.0.1, ports: {grpc: ${grpcPort}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: echo}
spec:
  hosts: [grpc.test]
  gateways: [edge]
  http:
  - headers: {response: {set: {x-version: "${version}"}}}
    route: [{destination: {host: echo.test, port: {number: 90}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: version}
spec:
  hosts: [version.test]
  gateways: [edge]
  http:
  - directResponse: {status: 200}
    headers: {response: {set: {x-version: "${version}"}}}
`;
}

async function openWebSocket(port: number): Promise<RawConnection> {
  const connection = await RawConnection.connect({ port });
  connection.write(getRequest('/ws', 'a', upgrade));
  const { status } = await connection.readResponse();
  if (status !== 101) throw new Error(`status ${status}`);
  return connection;
}

/** One gRPC stream: what it sent comes back, until it ends. */
class EchoStream {
  received = '';
  trailers: Record<string, unknown> = {};
  closed = false;
  readonly #stream: ClientHttp2Stream;

  constructor(session: ClientHttp2Session) {
    this.#stream = session.request(
      {
        ':method': 'POST',
        ':path': '/echo.Echo/Chat',
        ':authority': 'grpc.test',
        'content-type': 'application/grpc',
        te: 'trailers',
      },
      { endStream: false },
    );
    this.#stream.setEncoding('latin1');
    this.#stream.on('data', (text: string) => {
      this.received += text;
    });
    this.#stream.on('trailers', (trailers) => {
      this.trailers = trailers;
    });
    this.#stream.on('error', () => undefined);
    this.#stream.on('close', () => {
      this.closed = true;
    });
  }

  send(text: string): void {
    this.#stream.write(text, 'latin1');
  }

  end(): void {
    this.#stream.end();
  }
}

async function reload(edge: EdgeProxy, version: number, grpcPort: number): Promise<void> {
  edge.folder.write('more.yaml', rules(version, grpcPort));
  const connection = await RawConnection.connect({ port: edge.port });
  await eventually(`version ${version}`, { within: 20_000, every: 5 }, async () => {
    connection.write(getRequest('/', 'version.test'));
    const response = await connection.readResponse();
    return headerValue(response.headers, 'x-version') === String(version);
  });
  connection.destroy();
}

t.test(`${webSockets} WebSockets and ${grpcStreams} streams over ${reloads} reloads`, async (t) => {
  const origin = await echoingOrigin();
  const service = await echoingService();
  const { port: grpcPort } = service.address() as AddressInfo;
  const edge = await startEdgeProxy({
    originPort: origin.port,
    documents: rules(0, grpcPort),
    args: ['--drain-time', '60s'],
  });
  const sessions: ClientHttp2Session[] = [];
  t.teardown(async () => {
    for (const session of sessions) session.destroy();
    await Promise.all([edge.stop(), origin.stop()]);
    service.close();
  });

  const sockets: RawConnection[] = [];
  for (let i = 0; i < webSockets; i++) sockets.push(await openWebSocket(edge.port));
  const streams: EchoStream[] = [];
  for (let i = 0; i < grpcStreams; i++) {
    if (i % streamsPerClient === 0) {
      const session = connect(`http://127.0.0.1:${edge.port}`);
      session.on('error', () => undefined);
      sessions.push(session);
    }
    streams.push(new EchoStream(sessions.at(-1) as ClientHttp2Session));
  }

  for (let version = 1; version <= reloads; version++) {
    await reload(edge, version, grpcPort);
    // Each reload finds some of them at work.
    for (const [i, stream] of streams.entries()) if (i % reloads < 10) stream.send('.');
  }

  for (const socket of sockets) socket.write('still here');
  const echoes = await Promise.all(sockets.map((socket) => socket.readBytes(10)));
  t.ok(
    echoes.every((bytes) => bytes.toString('latin1') === 'still here'),
    'every WebSocket carries bytes both ways',
  );
  for (const stream of streams) stream.send('last');
  await eventually('every stream carries messages both ways', { within: 20_000 }, () =>
    streams.every(({ received }) => received.endsWith('last')),
  );
  t.notOk(
    streams.some(({ closed }) => closed),
    'no stream was closed',
  );

  edge.proxy.signal('SIGTERM');
  for (const stream of streams) stream.end();
  await eventually('every stream ends', { within: 20_000 }, () =>
    streams.every(({ closed }) => closed),
  );
  t.ok(
    streams.every(({ trailers }) => trailers['grpc-status'] === '0'),
    'with the status of its service, after the drain has begun',
  );
  for (const socket of sockets) socket.destroy();
  const exit = await edge.proxy.exited(20_000);
  t.equal(exit.code, 0, 'and the process ends with the last of them');
});

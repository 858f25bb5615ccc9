/**
 * A client that writes and does not read, in front of an endpoint that sends everything back, over
 * each pair of protocols: the client is stopped, memory stays flat, and in the end every byte has
 * come back, both ways at once. 64 MiB; 256 MiB with SLUICE_FULL=1.
 */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { eventually, within } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { httpOrigin } from '../support/origin.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const mebibyte = 1024 * 1024;
const size = (process.env.SLUICE_FULL === '1' ? 256 : 64) * mebibyte;
const pieceBytes = 256 * 1024;
/** How much the proxy may grow: buffers that await their collection. */
const growthLimit = 120 * mebibyte;
const timeoutMs = size / 1_000;

t.setTimeout(8 * timeoutMs);

/** Both ends of what the client has opened. */
interface Opened {
  readonly out: Writable;
  readonly in: Readable;
  close(): void;
}

interface Endpoint {
  readonly port: number;
  stop(): void;
}

interface Case {
  readonly name: string;
  /** Of the port of the service. */
  readonly protocol: 'HTTP' | 'HTTP2' | 'TCP';
  readonly endpoint: () => Promise<Endpoint>;
  readonly open: (port: number) => Promise<Opened>;
}

const cases: readonly Case[] = [
  { name: 'HTTP/1.1 to HTTP/1.1', protocol: 'HTTP', endpoint: http1Endpoint, open: openHttp1 },
  { name: 'HTTP/1.1 to HTTP/2', protocol: 'HTTP2', endpoint: http2Endpoint, open: openHttp1 },
  { name: 'HTTP/2 to HTTP/1.1', protocol: 'HTTP', endpoint: http1Endpoint, open: openHttp2 },
  { name: 'HTTP/2 to HTTP/2', protocol: 'HTTP2', endpoint: http2Endpoint, open: openHttp2 },
  { name: 'WebSocket', protocol: 'HTTP', endpoint: webSocketEndpoint, open: openWebSocket },
  { name: 'TCP', protocol: 'TCP', endpoint: tcpEndpoint, open: openTcp },
];

for (const { name, protocol, endpoint, open } of cases) {
  t.test(name, async (t) => {
    const { port: endpointPort, stop } = await endpoint();
    t.teardown(stop);
    const { proxy, port } = await startProxy(t, protocol, endpointPort);
    const opened = await open(port);
    t.teardown(() => opened.close());
    const before = proxy.residentBytes();

    const sent = { bytes: 0, hash: createHash('sha1') };
    const written = writeAll(opened.out, sent);
    await untilStopped(sent);
    const stoppedAt = sent.bytes;
    t.ok(stoppedAt < size, 'who does not read is stopped', { stoppedAt });

    let most = 0;
    const received = await within(
      timeoutMs,
      'the echo',
      readAll(opened.in, () => {
        most = Math.max(most, proxy.residentBytes());
      }),
    );
    await written;
    t.equal(received.bytes, size, 'every byte comes back');
    t.equal(received.hash, sent.hash.digest('hex'), 'as it was');
    const growth = most - before;
    t.comment(`stopped at ${stoppedAt / mebibyte} MiB, memory grew by ${toMiB(growth)} MiB`);
    t.ok(growth < growthLimit, 'memory stays flat', { growth });
  });
}

function toMiB(bytes: number): string {
  return (bytes / mebibyte).toFixed(0);
}

async function startProxy(
  t: Test,
  protocol: Case['protocol'],
  endpointPort: number,
): Promise<{ readonly proxy: SluiceProcess; readonly port: number }> {
  const port = await freePort();
  const folder = tempFolder({ 'rules.yaml': rules(protocol, endpointPort) });
  const flags = ['--port', `9000=${port}`, '--outbound', 'off', '--access-log', 'off'];
  const proxy = await SluiceProcess.start(['-f', folder.path, ...flags]);
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  return { proxy, port };
}

function rules(protocol: Case['protocol'], endpointPort: number): string {
  const isTcp = protocol === 'TCP';
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: echo}
spec:
  hosts: [echo.test]
  resolution: STATIC
  ports: [{number: 80, name: echo, protocol: ${protocol}}]
  endpoints: [{address: 127.0.0.1, ports: {echo: ${endpointPort}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 9000, name: edge, protocol: ${isTcp ? 'TCP' : 'HTTP'}}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: echo}
spec:
  hosts: ["*"]
  gateways: [edge]
  ${isTcp ? 'tcp' : 'http'}: [{route: [{destination: {host: echo.test, port: {number: 80}}}]}]
`;
}

// Endpoints.

async function http1Endpoint(): Promise<Endpoint> {
  const origin = await httpOrigin((message, response) => {
    response.writeHead(200);
    response.flushHeaders();
    message.pipe(response);
  });
  return { port: origin.port, stop: () => void origin.stop() };
}

async function http2Endpoint(): Promise<Endpoint> {
  const server = createHttp2Server();
  server.on('session', (session) => server.once('stopping', () => session.destroy()));
  server.on('stream', (stream: Duplex & { respond(): void }) => {
    stream.on('error', () => undefined);
    stream.respond();
    stream.pipe(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): void => {
    server.emit('stopping');
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

function webSocketEndpoint(): Promise<Endpoint> {
  return rawEndpoint((socket) => {
    socket.once('data', () => {
      const fields = 'Connection: upgrade\r\nUpgrade: websocket\r\n\r\n';
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}`);
      socket.pipe(socket);
    });
  });
}

function tcpEndpoint(): Promise<Endpoint> {
  return rawEndpoint((socket) => socket.pipe(socket));
}

async function rawEndpoint(onConnection: (socket: Socket) => void): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

// Clients.

async function openHttp1(port: number): Promise<Opened> {
  const headers = { host: 'a.test', 'transfer-encoding': 'chunked' };
  const call = request({ port, path: '/', method: 'POST', headers });
  call.flushHeaders();
  const [response] = (await once(call, 'response')) as [Readable];
  return { out: call, in: response, close: () => call.destroy() };
}

async function openHttp2(port: number): Promise<Opened> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a.test' });
  await once(stream, 'response');
  return { out: stream, in: stream, close: () => session.destroy() };
}

async function openWebSocket(port: number): Promise<Opened> {
  const socket = connect(port, '127.0.0.1');
  const fields = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  socket.write(
    `GET / HTTP/1.1\r\nHost: a.test\r\n${fields}\r\nSec-WebSocket-Key: dGVzdA==\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(head.toString());
  socket.pause();
  return { out: socket, in: socket, close: () => socket.destroy() };
}

async function openTcp(port: number): Promise<Opened> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return { out: socket, in: socket, close: () => socket.destroy() };
}

/** Pieces that differ from one another. */
async function writeAll(
  out: Writable,
  sent: { bytes: number; readonly hash: { update(bytes: Buffer): unknown } },
): Promise<void> {
  const noise = randomBytes(pieceBytes);
  while (sent.bytes < size) {
    const piece = Buffer.from(noise);
    piece.writeUInt32BE(sent.bytes / pieceBytes);
    sent.hash.update(piece);
    sent.bytes += piece.length;
    if (!out.write(piece)) await once(out, 'drain');
  }
}

/** Until nothing more was sent for twenty looks in a row. */
async function untilStopped(sent: { readonly bytes: number }): Promise<void> {
  let last = -1;
  let still = 0;
  await eventually('the client is stopped', { within: 20_000, every: 10 }, () => {
    still = sent.bytes === last ? still + 1 : 0;
    last = sent.bytes;
    return still >= 20 && sent.bytes > 0;
  });
}

async function readAll(
  from: Readable,
  look: () => void,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const hash = createHash('sha1');
  let bytes = 0;
  let nextLook = 0;
  for await (const data of from) {
    hash.update(data as Buffer);
    bytes += (data as Buffer).length;
    if (bytes >= size) break;
    if (bytes < nextLook) continue;
    look();
    nextLook = bytes + 8 * mebibyte;
  }
  return { bytes, hash: hash.digest('hex') };
}

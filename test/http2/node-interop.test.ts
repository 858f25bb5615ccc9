/** Sessions on sockets, against the HTTP/2 of Node: bodies, windows, trailers, resets, GOAWAY. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net';
import t from 'tap';
import { systemClock } from '../../src/base/clock.ts';
import { defaultHttp2Limits } from '../../src/http2/http2-limits.ts';
import { Http2Session } from '../../src/http2/http2-session.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import type { Http2Output, Http2SessionHandler } from '../../src/http2/session-types.ts';
import { startTinyHttp2Server } from '../support/tiny-http2-server.ts';
import { postFields } from './frames.ts';
import { ProbeStream } from './session-probe.ts';

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that repeat nowhere near. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
}

/** A client session on a socket. */
class SocketClient implements Http2Output, Http2SessionHandler {
  readonly session: Http2Session;
  readonly events: string[] = [];
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.session = new Http2Session({
      role: 'client',
      limits: defaultHttp2Limits,
      output: this,
      handler: this,
      clock: systemClock,
      slabs: new OutputSlabs(),
      extendedConnect: false,
    });
    socket.on('data', (bytes: Buffer) => this.session.receive(bytes, 0, bytes.length));
    socket.on('drain', () => this.session.onOutputDrain());
    socket.on('close', () => this.session.destroy());
    this.session.start();
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  requestFlush(): void {
    setImmediate(() => this.session.flush());
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  onStream(): null {
    return null;
  }

  onMalformed(): 'reset' {
    return 'reset';
  }

  onPeerSettings(): void {
    this.events.push('settings');
  }

  onPingAck(): void {
    this.events.push('ping');
  }

  onGoaway(): void {
    this.events.push('goaway');
  }

  onStreamsIdle(): void {}

  onSessionError({ message }: { readonly message: string }): void {
    this.events.push(message);
  }
}

/** Resolves with the event that is waited for, or the one that ends the stream. */
function until(stream: ProbeStream, event: RegExp): Promise<string> {
  return new Promise((resolve) => {
    stream.react = (seen) => {
      if (event.test(seen) || seen.startsWith('reset')) resolve(seen);
    };
  });
}

async function withServer(server: Http2Server): Promise<SocketClient> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connectSocket((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  return new SocketClient(socket);
}

t.test('our client and the server of Node: 8 MiB each way at once', async (t) => {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': 'sent' }));
    stream.pipe(stream);
  });
  const client = await withServer(server);
  const probe = new ProbeStream();
  const body = pattern(8 * 1024 * 1024);
  const stream = client.session.openStream(postFields, false, probe);
  probe.stream = stream;
  const end = until(probe, /^end$/);
  for (let at = 0; at < body.length; at += 100_000)
    stream?.sendData(body.subarray(at, at + 100_000));
  stream?.sendEnd();
  t.equal(await end, 'end');
  t.equal(hash(probe.received), hash(body));
  t.equal(probe.events.at(-2), 'trailers x-checksum sent');
  client.session.ping();
  const second = new ProbeStream();
  second.stream = client.session.openStream(postFields, true, second);
  await until(second, /^end$/);
  t.same(client.events, ['settings', 'ping']);
  client.close();
  server.close();
});

t.test('our client and a server that resets, and says farewell', async (t) => {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.close(0xb);
    stream.session?.goaway(0);
  });
  const client = await withServer(server);
  const probe = new ProbeStream();
  probe.stream = client.session.openStream(postFields, false, probe);
  t.equal(await until(probe, /^reset/), 'reset enhanceYourCalm peer');
  while (!client.events.includes('goaway')) await new Promise(setImmediate);
  t.notOk(client.session.canOpenStream);
  client.close();
  server.close();
});

async function fetchBody(session: ClientHttp2Session, upload: Buffer): Promise<Buffer> {
  const request = session.request({ ':method': 'POST', ':path': '/' });
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.end(upload);
  await once(request, 'end');
  return Buffer.concat(pieces);
}

t.test('our server and the client of Node: many streams, large bodies', async (t) => {
  const body = pattern(3 * 1024 * 1024);
  const server = await startTinyHttp2Server({ body });
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const bodies = await Promise.all(
    Array.from({ length: 10 }, (_, i) => fetchBody(session, pattern(i * 200_000))),
  );
  for (const each of bodies) t.equal(hash(each), hash(body));
  session.destroy();
  server.close();
});

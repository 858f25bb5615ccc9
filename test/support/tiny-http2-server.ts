/**
 * The smallest server there can be on an HTTP/2 session: it answers every request with the same
 * bytes once it is complete. Conformance tools and load generators are run against it; started as a
 * program it says where it listens.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { TurnQueue, type TurnTask } from '../../src/base/turn-queue.ts';
import { defaultHttp2Limits, type Http2Limits } from '../../src/http2/http2-limits.ts';
import { Http2Session } from '../../src/http2/http2-session.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import type {
  Http2Output,
  Http2SessionHandler,
  Http2Stream,
  Http2StreamHandler,
} from '../../src/http2/session-types.ts';
import {
  type AcceptedHandle,
  adoptSocket,
  type ReadBuffer,
  takeHandle,
} from '../../src/transport/accept.ts';
import { testReadBuffer } from './read-buffer.ts';

class TinyStream implements Http2StreamHandler {
  readonly #stream: Http2Stream;
  readonly #body: Buffer;

  constructor(stream: Http2Stream, body: Buffer) {
    this.#stream = stream;
    this.#body = body;
  }

  onHeaders(): void {}
  onData(): void {}
  onTrailers(): void {}
  onReset(): void {}
  onDrain(): void {}

  onEnd(): void {
    const length = String(this.#body.length);
    const fields = [':status', '200', 'content-type', 'text/plain', 'content-length', length];
    this.#stream.sendHeaders(fields, false);
    this.#stream.sendData(this.#body);
    this.#stream.sendEnd();
  }
}

interface TinyServer {
  readonly turns: TurnQueue;
  readonly slabs: OutputSlabs;
  readonly readBuffer: ReadBuffer;
  readonly body: Buffer;
  readonly limits: Http2Limits;
}

class TinyConnection implements Http2Output, Http2SessionHandler, TurnTask {
  readonly #server: TinyServer;
  readonly #socket: Socket;
  readonly #session: Http2Session;

  constructor(server: TinyServer, accepted: AcceptedHandle) {
    this.#server = server;
    this.#session = new Http2Session({
      role: 'server',
      limits: server.limits,
      output: this,
      handler: this,
      clock: systemClock,
      slabs: server.slabs,
      extendedConnect: false,
    });
    this.#socket = adoptSocket(accepted, {
      buffer: server.readBuffer,
      onRead: (length, buffer) => this.#session.receive(buffer, 0, length),
    });
    this.#socket.on('drain', () => this.#session.onOutputDrain());
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => this.#socket.end());
    this.#socket.on('close', () => this.#session.destroy());
    this.#session.start();
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  requestFlush(): void {
    this.#server.turns.add(this);
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  onTurnEnd(): void {
    this.#session.flush();
  }

  onStream(stream: Http2Stream, _fields: string[], endStream: boolean): Http2StreamHandler {
    const handler = new TinyStream(stream, this.#server.body);
    if (endStream) handler.onEnd();
    return handler;
  }

  onMalformed(): 'reset' {
    return 'reset';
  }

  onPeerSettings(): void {}
  onPingAck(): void {}
  onGoaway(): void {}
  onStreamsIdle(): void {}

  onSessionError(): void {
    this.#session.flush();
    this.#socket.end();
  }
}

interface Options {
  readonly body: Buffer;
  readonly limits?: Http2Limits;
  readonly port?: number;
}

export async function startTinyHttp2Server(options: Options): Promise<Server> {
  const { body, limits = defaultHttp2Limits, port = 0 } = options;
  const tiny: TinyServer = {
    turns: new TurnQueue(),
    slabs: new OutputSlabs(),
    readBuffer: testReadBuffer(),
    body,
    limits,
  };
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    new TinyConnection(tiny, takeHandle(socket) as AcceptedHandle);
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

if (import.meta.main) {
  const [bytes = '12'] = process.argv.slice(2);
  const server = await startTinyHttp2Server({ body: Buffer.alloc(Number(bytes), 'x') });
  console.log((server.address() as AddressInfo).port);
}

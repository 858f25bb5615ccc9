/** A pool of HTTP/2 connections, who uses it, and endpoints of node:http2 or of scripted frames. */

import {
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { createServer as createTcpServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import { noBody } from '../../src/http1/message-head.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { Http2Pool } from '../../src/transport/http2-pool.ts';
import type { Http2UpstreamStream } from '../../src/transport/http2-upstream-stream.ts';
import type { PoolDependencies, PoolSettings } from '../../src/transport/upstream-pool.ts';
import type { UpstreamHead } from '../../src/transport/upstream-stream.ts';
import { headers, preface, settings, settingsAck } from '../http2/frames.ts';
import { eventually } from '../support/deadline.ts';
import { type Frame, frameTypes, readFrame } from '../support/h2-frames.ts';
import { listen } from '../support/listen.ts';
import { defaultSettings, PoolEnvironment, RecordingExchange } from './pool-fixture.ts';

type Answer = (stream: ServerHttp2Stream, path: string, session: ServerHttp2Session) => void;
export type Exchange = RecordingExchange<Http2UpstreamStream>;

/** Sends a request without a body as soon as it has a stream. */
class SendingExchange extends RecordingExchange<Http2UpstreamStream> {
  override onStream(stream: Http2UpstreamStream): boolean {
    const isTaken = super.onStream(stream);
    if (isTaken) stream.sendHead(head(this.name));
    return isTaken;
  }
}

export interface Endpoint {
  readonly port: number;
  readonly sessions: ServerHttp2Session[];
  readonly fields: string[][];
}

export function until(what: string, holds: () => boolean): Promise<boolean> {
  return eventually(what, { within: 5_000, every: 1 }, holds);
}

/** Answers 200 with `body`, unless `answer` does. */
export async function startEndpoint(
  t: Test,
  answer: Answer = (stream) => respond(stream),
  settings: Settings = {},
): Promise<Endpoint> {
  const server = createServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  const fields: string[][] = [];
  server.on('session', (session) => {
    session.on('error', () => undefined);
    sessions.push(session);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers, _flags, raw) => {
    stream.on('error', () => undefined);
    fields.push(raw);
    answer(stream, headers[':path'] ?? '', stream.session as ServerHttp2Session);
  });
  const port = await listen(t, server);
  t.teardown(() => {
    for (const session of sessions) session.destroy();
  });
  return { port, sessions, fields };
}

export function respond(stream: ServerHttp2Stream, body = 'body'): void {
  stream.respond({ ':status': 200 });
  stream.end(body);
}

export class Client {
  readonly environment = new PoolEnvironment();
  readonly pool: Http2Pool;
  readonly order: string[] = [];

  constructor(
    t: Test,
    port: number,
    settings: Partial<PoolSettings> = {},
    dependencies: Partial<PoolDependencies> = {},
  ) {
    const all = { ...defaultSettings, ...settings };
    const shared = { ...this.environment.dependencies(port), ...dependencies };
    this.pool = new Http2Pool(all, defaultLimits, shared);
    t.teardown(() => this.pool.drain());
  }

  acquire(
    name = 'any',
    exchange: Exchange = new RecordingExchange<Http2UpstreamStream>(name, this.order),
  ): Exchange {
    const acquired = this.pool.acquire(exchange);
    if (typeof acquired !== 'string') exchange.onStream(acquired);
    else if (acquired === 'overflow') exchange.events.push('overflow');
    return exchange;
  }

  /** A request without a body, sent when there is a stream. */
  async send(path: string): Promise<Exchange> {
    const exchange = this.acquire(path, new SendingExchange(path, this.order));
    await until(`stream of ${path}`, () => exchange.events.length > 0);
    return exchange;
  }

  /** The same, to its end. */
  async finish(path: string): Promise<readonly string[]> {
    const exchange = await this.send(path);
    await until(`end of ${path}`, () => isOver(exchange));
    exchange.connection?.close();
    return exchange.events;
  }
}

export function isOver({ events }: Exchange): boolean {
  return events.some((event) => event.startsWith('end') || event.startsWith('failure'));
}

export function head(path: string, fields: Partial<UpstreamHead> = {}): UpstreamHead {
  const headers = new HeaderList();
  headers.append('host', 'shop');
  const plain = { scheme: 'http', isHttp2: false, framing: noBody, upgrading: false } as const;
  return { method: 'GET', path, headers, ...plain, ...fields };
}

/** The stream that the exchange has. */
export function streamOf(exchange: Exchange): Http2UpstreamStream {
  if (exchange.connection === null) throw new Error('no stream');
  return exchange.connection;
}

/** An endpoint that says SETTINGS, acknowledges those of the proxy, and what a test has it say. */
export class ScriptedEndpoint {
  port = 0;
  readonly sockets: Socket[] = [];
  /** What has come on all connections. */
  readonly frames: Frame[] = [];
  readonly #greeting: Uint8Array | null;

  constructor(greeting: Uint8Array | null) {
    this.#greeting = greeting;
  }

  /**
   * `answer`: the bytes for a frame; `socket.write` says more. `greeting`: what it begins with; null:
   * nothing, until the test says it, and no acknowledgement.
   */
  static async start(
    t: Test,
    answer: (frame: Frame, socket: Socket) => Uint8Array | null = () => null,
    greeting: Uint8Array | null = settings(),
  ): Promise<ScriptedEndpoint> {
    const endpoint = new ScriptedEndpoint(greeting);
    const server = createTcpServer((socket) => {
      endpoint.sockets.push(socket);
      t.teardown(() => socket.destroy());
      socket.on('error', () => undefined);
      endpoint.#serve(socket, answer);
    });
    endpoint.port = await listen(t, server);
    return endpoint;
  }

  get socket(): Socket {
    return this.sockets.at(-1) as Socket;
  }

  /** Frames of a type, as their streams and payloads in hex. */
  seen(type: keyof typeof frameTypes): string[] {
    const frames = this.frames.filter((frame) => frame.type === frameTypes[type]);
    return frames.map(({ streamId, payload }) => `${streamId} ${payload.toString('hex')}`);
  }

  #serve(socket: Socket, answer: (frame: Frame, socket: Socket) => Uint8Array | null): void {
    let bytes: Buffer = Buffer.alloc(0);
    let began = false;
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      if (!began && bytes.length >= preface.length) {
        began = true;
        bytes = bytes.subarray(preface.length);
        if (this.#greeting !== null) socket.write(this.#greeting);
      }
      for (let next = began ? readFrame(bytes) : null; next !== null; next = readFrame(bytes)) {
        bytes = next.rest;
        this.frames.push(next.frame);
        const isSettings = next.frame.type === frameTypes.settings && next.frame.flags === 0;
        if (isSettings && this.#greeting !== null) {
          socket.write(settingsAck);
        }
        const said = answer(next.frame, socket);
        if (said !== null) socket.write(said);
      }
    });
  }
}

/** Answers every request with the header block `fields`, which may break any rule. */
export function answering(fields: readonly string[], flags?: number) {
  return ({ type, streamId }: Frame) =>
    type === frameTypes.headers ? headers(streamId, fields, flags) : null;
}

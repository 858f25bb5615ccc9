/**
 * An endpoint that answers with what it was asked, and can be told to fail. On raw sockets: with
 * Node's own server more time would go into endpoints than into the proxy.
 */

import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { bodyOf, isPieceOf } from './bodies.ts';
import { answerLengthOf, type RequestKind, readPath } from './requests.ts';

export type Health =
  | 'serving'
  /** Its connections are reset, new ones refused. */
  | 'gone'
  /** Accepts connections and requests, and never answers. */
  | 'hanging'
  /** Resets each connection on which a request comes. */
  | 'resetting'
  /** Answers 503. */
  | 'unavailable'
  /** Closes each connection behind its answer, without having said so. */
  | 'closing';

export interface SoakEndpointOptions {
  /** Told in each answer. */
  readonly name: string;
  /** Ids of requests of which the answer was cut off when the endpoint failed. */
  readonly cut: Set<number>;
}

/** An answer longer than this may be cut off by a reset although all of it has been written. */
const surelyDelivered = 16 * 1024;

const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class SoakEndpoint {
  readonly name: string;
  readonly cut: Set<number>;
  health: Health = 'serving';
  /** Requests whose body was not that of their id. */
  wrongBodies = 0;
  readonly #connections = new Set<EndpointConnection>();
  #server: Server;
  #port = 0;

  private constructor({ name, cut }: SoakEndpointOptions) {
    this.name = name;
    this.cut = cut;
    this.#server = this.#createServer();
  }

  static async start(options: SoakEndpointOptions): Promise<SoakEndpoint> {
    const endpoint = new SoakEndpoint(options);
    await endpoint.#listen();
    return endpoint;
  }

  get port(): number {
    return this.#port;
  }

  async become(health: Health): Promise<void> {
    const was = this.health;
    if (was === health) return;
    this.health = health;
    if (was === 'hanging' || health === 'gone') this.reset();
    if (health === 'gone') await this.#close();
    if (was === 'gone') await this.#listen();
  }

  /** Ends all connections as an endpoint does that goes. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** Closes the connections on which nothing has come for `ms` and nothing is under way. */
  closeIdle(ms: number): void {
    const since = performance.now() - ms;
    for (const connection of this.#connections) connection.closeIfIdle(since);
  }

  async stop(): Promise<void> {
    const isListening = this.health !== 'gone';
    this.health = 'gone';
    this.reset();
    if (isListening) await this.#close();
  }

  forget(connection: EndpointConnection): void {
    this.#connections.delete(connection);
  }

  #createServer(): Server {
    return createServer({ noDelay: true }, (socket) => {
      this.#connections.add(new EndpointConnection(this, socket));
    });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server = this.#createServer();
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', 4096, () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** The request that is being read. */
interface Reading {
  readonly head: string;
  readonly path: string;
  readonly kind: RequestKind | 'health' | 'unknown';
  readonly id: number;
  readonly bodyLength: number;
  received: number;
  isRight: boolean;
}

class EndpointConnection {
  readonly #endpoint: SoakEndpoint;
  readonly #socket: Socket;
  #rest: Buffer | null = null;
  #reading: Reading | null = null;
  /** The last answer that a reset might still cut off. */
  #lastLong: number | null = null;
  #isTunnel = false;
  #lastMs = performance.now();

  constructor(endpoint: SoakEndpoint, socket: Socket) {
    this.#endpoint = endpoint;
    this.#socket = socket;
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', () => undefined);
    socket.on('close', () => endpoint.forget(this));
  }

  reset(): void {
    if (this.#lastLong !== null) this.#endpoint.cut.add(this.#lastLong);
    this.#socket.resetAndDestroy();
  }

  closeIfIdle(since: number): void {
    const isIdle = this.#reading === null && this.#socket.writableLength === 0;
    if (isIdle && !this.#isTunnel && this.#lastMs <= since) this.#socket.end();
  }

  #take(data: Buffer): void {
    this.#lastMs = performance.now();
    if (this.#isTunnel) {
      this.#echoFrames(data);
      return;
    }
    let bytes: Buffer | null = this.#rest === null ? data : Buffer.concat([this.#rest, data]);
    this.#rest = null;
    while (bytes !== null && bytes.length > 0) bytes = this.#read(bytes);
  }

  /** What is left for the next request; null: more must come. */
  #read(bytes: Buffer): Buffer | null {
    let left = bytes;
    if (this.#reading === null) {
      const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
      if (end < 0) {
        this.#rest = bytes;
        return null;
      }
      this.#reading = readHead(bytes.toString('latin1', 0, end + 2));
      left = bytes.subarray(end + 4);
    }
    const reading = this.#reading;
    const piece = left.subarray(0, reading.bodyLength - reading.received);
    if (piece.length > 0 && !isPieceOf(reading.id, piece, reading.received)) {
      reading.isRight = false;
    }
    reading.received += piece.length;
    if (reading.received < reading.bodyLength) return null;
    this.#reading = null;
    this.#answer(reading);
    return left.subarray(piece.length);
  }

  #answer(reading: Reading): void {
    const { health } = this.#endpoint;
    if (!reading.isRight) this.#endpoint.wrongBodies++;
    if (health === 'hanging') return;
    if (health === 'resetting') this.reset();
    else if (reading.path.startsWith('/ws/')) this.#openTunnel(reading);
    else this.#writeAnswer(reading, statusOf(reading, health));
    if (health === 'closing' && !this.#isTunnel) this.#socket.end();
  }

  #writeAnswer(reading: Reading, status: number): void {
    const { name } = this.#endpoint;
    const { id, kind } = reading;
    const length = kind === 'health' || kind === 'unknown' ? 0 : answerLengthOf(kind);
    const head =
      `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Scripted'}\r\ncontent-length: ${length}\r\n` +
      `x-id: ${id}\r\nx-endpoint: ${name}\r\nx-body: ${reading.isRight ? 'right' : 'wrong'}\r\n\r\n`;
    const socket = this.#socket;
    const body = bodyOf(id, length);
    this.#lastLong = length > surelyDelivered ? id : null;
    if (length <= surelyDelivered) {
      socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }

  #openTunnel({ head }: Reading): void {
    const key = fieldOf(head, 'sec-websocket-key');
    const accept = createHash('sha1')
      .update(key + webSocketGuid)
      .digest('base64');
    this.#isTunnel = true;
    this.#socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        `sec-websocket-accept: ${accept}\r\n\r\n`,
      'latin1',
    );
  }

  /** Short masked text frames that come whole, as the clients of the soak send them (RFC 6455, 5.2). */
  #echoFrames(data: Buffer): void {
    for (let at = 0; at + 6 <= data.length; ) {
      const length = (data[at + 1] ?? 0) & 0x7f;
      const mask = data.subarray(at + 2, at + 6);
      const payload = data.subarray(at + 6, at + 6 + length);
      const frame = Buffer.allocUnsafe(2 + length);
      frame[0] = data[at] ?? 0;
      frame[1] = length;
      for (let i = 0; i < length; i++) frame[2 + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
      this.#socket.write(frame);
      at += 6 + length;
    }
  }
}

function statusOf({ kind }: Reading, health: Health): number {
  if (kind === 'unknown') return 404;
  if (health === 'unavailable') return 503;
  return kind === 'failing' ? 500 : 200;
}

function readHead(head: string): Reading {
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/1.1\r\n'));
  const asked = readPath(path);
  return {
    ...{ head, path, received: 0, isRight: true },
    kind: path === '/health' ? 'health' : (asked?.kind ?? 'unknown'),
    id: asked?.id ?? 0,
    bodyLength: Number(fieldOf(head, 'content-length') || '0'),
  };
}

/** Empty where there is none. `head` ends with a line break. */
export function fieldOf(head: string, name: string): string {
  const at = head.indexOf(`\r\n${name}: `);
  if (at < 0) return '';
  const from = at + name.length + 4;
  return head.slice(from, head.indexOf('\r\n', from));
}

/**
 * A client that sends exactly the bytes it is given and shows exactly what came back: ordered
 * headers, interim responses, trailers, and how the connection ended.
 */

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type BodyFraming,
  bodyFraming,
  type HeaderPair,
  type MessageHead,
  parseHead,
  readChunk,
  readTrailers,
} from './http-reader.ts';

export interface RawResponse {
  readonly status: number;
  readonly httpVersion: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  readonly trailers: readonly HeaderPair[];
  /** Statuses of the 1xx responses before it; 101 is final. */
  readonly interim: readonly number[];
  /** The connection ended before the announced end of the body. */
  readonly truncated: boolean;
}

export interface ConnectOptions {
  readonly port: number;
  readonly host?: string;
  /** Source address. */
  readonly localAddress?: string;
  /** TLS without verification; ALPN http/1.1. */
  readonly tls?: { readonly sni?: string };
  /** Whole time until it is connected, milliseconds; default 20,000. */
  readonly timeoutMs?: number;
}

export interface ReadOptions {
  /** HEAD has no body. Default GET. */
  readonly method?: string;
  /** Whole time for the response, milliseconds; default 20,000. */
  readonly timeoutMs?: number;
  /** Called for each 1xx, for example to send the body after a 100. */
  readonly onInterim?: (status: number) => void;
}

/** Why no response came: `closed`, `client-timeout`, or the socket's error code. */
export class RawClientError extends Error {
  readonly code: string;

  constructor(code: string, message = code) {
    super(message);
    this.code = code;
  }
}

export class RawConnection {
  readonly socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #ended: string | null = null;
  #wake: (() => void) | null = null;
  /** Settles when nothing more can arrive. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    const end = Promise.withResolvers<void>();
    this.closed = end.promise;
    const finish = (reason: string): void => {
      this.#ended ??= reason;
      end.resolve();
      this.#wake?.();
    };
    socket.on('data', (data: Buffer) => {
      this.#bytes = this.#bytes.length === 0 ? data : Buffer.concat([this.#bytes, data]);
      this.#wake?.();
    });
    socket.on('end', () => finish('closed'));
    socket.on('close', () => finish('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'closed'));
  }

  /** Goes on with a socket that is connected and of which nothing has been read. */
  static over(socket: Socket): RawConnection {
    return new RawConnection(socket);
  }

  static connect(options: ConnectOptions): Promise<RawConnection> {
    const { port, host = '127.0.0.1', localAddress } = options;
    const address = { port, host, ...(localAddress === undefined ? {} : { localAddress }) };
    const socket =
      options.tls === undefined
        ? connect({ ...address, allowHalfOpen: true })
        : connectTls({
            ...address,
            rejectUnauthorized: false,
            ALPNProtocols: ['http/1.1'],
            ...(options.tls.sni === undefined ? {} : { servername: options.tls.sni }),
          });
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timer);
        reject(new RawClientError(error.code ?? 'closed', error.message));
      };
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new RawClientError('client-timeout', 'not connected in time'));
      }, options.timeoutMs ?? 20_000);
      socket.once('error', failed);
      socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer);
        socket.off('error', failed);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** A string is sent as latin1. */
  write(bytes: string | Uint8Array): void {
    if (this.socket.destroyed) return;
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Bytes that arrived and belong to no response read yet. */
  get unread(): Buffer {
    return this.#bytes;
  }

  get isClosed(): boolean {
    return this.#ended !== null;
  }

  /** Ends the sending side. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** The next final response. */
  async readResponse(options: ReadOptions = {}): Promise<RawResponse> {
    const deadline = performance.now() + (options.timeoutMs ?? 20_000);
    const interim: number[] = [];
    for (;;) {
      const head = await this.#readHead(deadline);
      const [, version = '', code = ''] = /^HTTP\/(\S+) (\d{3})(?: |$)/.exec(head.startLine) ?? [];
      const status = Number(code);
      if (status === 0) throw new RawClientError('bad-response', head.startLine);
      if (status < 200 && status !== 101) {
        interim.push(status);
        options.onInterim?.(status);
        continue;
      }
      const body = await this.#readBody(framingOf(head, status, options.method), deadline);
      return { status, httpVersion: version, headers: head.headers, interim, ...body };
    }
  }

  /** At least `count` bytes, whatever they are; fewer only when the connection ended. */
  async readBytes(count: number, timeoutMs = 20_000): Promise<Buffer> {
    const deadline = performance.now() + timeoutMs;
    while (this.#bytes.length < count && this.#ended === null) await this.#more(deadline);
    return this.#take(Math.min(count, this.#bytes.length));
  }

  /** Everything until the peer closes. */
  async readToEnd(timeoutMs = 20_000): Promise<Buffer> {
    const deadline = performance.now() + timeoutMs;
    while (this.#ended === null) await this.#more(deadline);
    return this.#take(this.#bytes.length);
  }

  async #readHead(deadline: number): Promise<MessageHead> {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n', 0, 'latin1');
      if (end >= 0) return parseHead(this.#take(end + 4).toString('latin1', 0, end));
      if (this.#ended !== null) throw new RawClientError(this.#ended);
      await this.#more(deadline);
    }
  }

  async #readBody(
    framing: BodyFraming,
    deadline: number,
  ): Promise<Pick<RawResponse, 'body' | 'trailers' | 'truncated'>> {
    if (framing.kind === 'chunked') return this.#readChunked(deadline);
    const length =
      framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : Infinity;
    while (this.#bytes.length < length && this.#ended === null) await this.#more(deadline);
    const body = this.#take(Math.min(length, this.#bytes.length));
    const truncated =
      framing.kind === 'until-close' ? this.#ended !== 'closed' : body.length < length;
    return { body, trailers: [], truncated };
  }

  async #readChunked(
    deadline: number,
  ): Promise<Pick<RawResponse, 'body' | 'trailers' | 'truncated'>> {
    const parts: Buffer[] = [];
    for (;;) {
      const chunk = readChunk(this.#bytes, 0);
      if (chunk !== null) {
        this.#take(chunk.end);
        if (chunk.data.length === 0) break;
        parts.push(chunk.data);
      } else if (this.#ended !== null) {
        return { body: Buffer.concat(parts), trailers: [], truncated: true };
      } else {
        await this.#more(deadline);
      }
    }
    for (;;) {
      const tail = readTrailers(this.#bytes, 0);
      if (tail !== null) {
        this.#take(tail.end);
        return { body: Buffer.concat(parts), trailers: tail.trailers, truncated: false };
      }
      if (this.#ended !== null) {
        return { body: Buffer.concat(parts), trailers: [], truncated: true };
      }
      await this.#more(deadline);
    }
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** Waits until something changed. */
  #more(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new RawClientError('client-timeout')),
        Math.max(0, deadline - performance.now()),
      );
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}

function framingOf(head: MessageHead, status: number, method = 'GET'): BodyFraming {
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) {
    return { kind: 'none' };
  }
  return bodyFraming(head, 'response');
}

export interface RequestOptions extends ConnectOptions {
  readonly method?: string;
}

/** Sends `bytes` on a new connection, reads one response, and closes. */
export async function exchange(
  bytes: string | Uint8Array,
  options: RequestOptions,
): Promise<RawResponse> {
  const connection = await RawConnection.connect(options);
  try {
    connection.write(bytes);
    return await connection.readResponse(options);
  } finally {
    connection.destroy();
  }
}

/** A GET with the headers given, as bytes. */
export function getRequest(
  path: string,
  host: string,
  headers: readonly HeaderPair[] = [],
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`;
}

/**
 * One exchange on an HTTP/2 connection to an endpoint. The session of `node:http2` sees to frames,
 * windows and header tables; this says what they mean for the exchange.
 */

import { type ClientHttp2Stream, constants } from 'node:http2';
import type { HeaderList } from '../http1/header-list.ts';
import type { Http2Connection } from './http2-connection.ts';
import {
  headersOf,
  http2RequestFields,
  http2Trailers,
  responseHeadOf,
  switchingProtocolsHead,
} from './http2-fields.ts';
import type { UpstreamExchange, UpstreamFailure, UpstreamTunnel } from './upstream-exchange.ts';
import type { UpstreamHead, UpstreamStream } from './upstream-stream.ts';

export class Http2Stream implements UpstreamStream {
  readonly protocol = 'HTTP/2';
  readonly #connection: Http2Connection;
  /** null once the exchange is over. */
  #exchange: UpstreamExchange | null;
  #stream: ClientHttp2Stream | null = null;
  #tunnel: UpstreamTunnel | null = null;
  /** The protocol of an extended CONNECT. */
  #upgradeTo: string | null = null;
  #requestEnded = false;
  #responseEnded = false;
  #trailersToSend: HeaderList | null = null;
  #trailers: HeaderList | null = null;
  /** Code of the error that ended the stream, if one did. */
  #errorCode = '';
  readonly #onWritten = (): void => {
    if (this.bufferedBytes === 0) this.#exchange?.onDrain();
  };

  constructor(connection: Http2Connection, exchange: UpstreamExchange) {
    this.#connection = connection;
    this.#exchange = exchange;
  }

  get localAddress(): string {
    return this.#connection.localAddress;
  }

  get bufferedBytes(): number {
    return this.#stream?.writableLength ?? 0;
  }

  sendHead(head: UpstreamHead): void {
    const endStream = head.framing.kind === 'none' && !head.upgrading;
    this.#requestEnded = endStream;
    if (head.upgrading) this.#upgradeTo = head.headers.get('upgrade') ?? 'websocket';
    try {
      this.#stream = this.#connection.request(http2RequestFields(head, 'http'), {
        endStream,
        // Only a body of unknown length can have trailers.
        waitForTrailers: head.framing.kind === 'chunked',
      });
    } catch (error) {
      // The exchange is still sending: it hears of it afterwards.
      process.nextTick(() => this.#failUnsent(error as NodeJS.ErrnoException));
      return;
    }
    this.#listen(this.#stream);
  }

  sendBody(piece: string | Buffer): void {
    if (typeof piece === 'string') this.#stream?.write(piece, 'latin1', this.#onWritten);
    else this.#stream?.write(piece, this.#onWritten);
  }

  sendEnd(trailers: HeaderList | null): void {
    if (this.#requestEnded) return;
    this.#requestEnded = true;
    this.#trailersToSend = trailers;
    this.#stream?.end();
  }

  pauseReading(): void {
    this.#stream?.pause();
  }

  resumeReading(): void {
    this.#stream?.resume();
  }

  close(): void {
    this.#exchange = null;
    const stream = this.#stream;
    const isComplete = stream === null || (this.#requestEnded && this.#responseEnded);
    if (!isComplete) stream.close(constants.NGHTTP2_CANCEL);
    // What is left of a response that had been paused is in nobody's way.
    stream?.resume();
    if (stream === null) this.#connection.onStreamOver();
  }

  becomeTunnel(tunnel: UpstreamTunnel): void {
    this.#tunnel = tunnel;
  }

  sendTunnelBytes(bytes: Buffer, start: number, end: number): void {
    // The view is valid during the call only, and the session keeps what it is given.
    this.#stream?.write(Buffer.from(bytes.subarray(start, end)), this.#onWritten);
  }

  closeTunnel(): void {
    this.#exchange = null;
    this.#tunnel = null;
    this.#requestEnded = true;
    this.#stream?.end();
    this.#stream?.resume();
  }

  #listen(stream: ClientHttp2Stream): void {
    stream.on('headers', (_headers, _flags, raw) => {
      this.#exchange?.onInformational(responseHeadOf(raw, statusOf(raw), true));
    });
    stream.on('response', (_headers, flags, raw) => this.#onResponse(raw, flags));
    stream.on('data', (bytes: Buffer) => this.#onData(bytes));
    stream.on('trailers', (_headers, _flags, raw) => {
      this.#trailers = headersOf(raw);
    });
    stream.on('wantTrailers', () => {
      this.#sendTrailers(stream);
    });
    stream.on('end', () => this.#onEnd(stream));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#errorCode = error.code ?? '';
    });
    stream.on('close', () => this.#onClose(stream));
  }

  #sendTrailers(stream: ClientHttp2Stream): void {
    const trailers = this.#trailersToSend;
    try {
      stream.sendTrailers(trailers === null ? {} : http2Trailers(trailers));
    } catch {
      // node:http2 checks names once more; a request without its trailers would be another one.
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  /** The session took no stream: it is closing, or has found fault with the head. */
  #failUnsent({ code = '', message }: NodeJS.ErrnoException): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange === null) return;
    const isClosing = code === 'ERR_HTTP2_INVALID_SESSION' || code === 'ERR_HTTP2_GOAWAY_SESSION';
    exchange.onFailure(isClosing ? 'refused-stream' : 'protocol-error', message);
    this.#connection.onStreamOver();
  }

  #onResponse(raw: readonly string[], flags: number): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const status = statusOf(raw);
    if (this.#upgradeTo !== null && status === 200) {
      exchange.onResponseHead(switchingProtocolsHead(raw, this.#upgradeTo));
      return;
    }
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    exchange.onResponseHead(responseHeadOf(raw, status, ended));
  }

  #onData(bytes: Buffer): void {
    if (this.#tunnel !== null) this.#tunnel.onTunnelBytes(bytes, 0, bytes.length);
    else this.#exchange?.onResponseBody(bytes, 0, bytes.length);
  }

  #onEnd(stream: ClientHttp2Stream): void {
    // A stream whose connection broke ends too: `close` reports that.
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    this.#responseEnded = true;
    if (this.#tunnel !== null) {
      this.#tunnel.onTunnelEnd();
      return;
    }
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.onResponseEnd(this.#trailers);
  }

  #onClose(stream: ClientHttp2Stream): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (this.#tunnel !== null) this.#tunnel.onTunnelEnd();
    else exchange?.onFailure(this.#failureOf(stream), '');
    this.#connection.onStreamOver();
  }

  #failureOf(stream: ClientHttp2Stream): UpstreamFailure {
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return 'refused-stream';
    if (!this.#connection.lost) return 'remote-reset';
    if (this.#errorCode === 'ERR_HTTP2_ERROR') return 'protocol-error';
    return this.#errorCode === 'ECONNRESET' ? 'reset' : 'connection-termination';
  }
}

/** `:status` is the first field of every response (RFC 9113, section 8.3). */
function statusOf(raw: readonly string[]): number {
  return Number(raw[1]);
}

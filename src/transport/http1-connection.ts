/**
 * One HTTP/1.1 connection to an endpoint. Serves one exchange at a time and reports everything to
 * it; what happens between exchanges concerns its pool.
 */

import type { Socket } from 'node:net';
import { OwnedTimer, type TimerEntry } from '../base/timer-wheel.ts';
import type { CodecError } from '../http1/codec-error.ts';
import {
  chunkEnd,
  chunkHead,
  lastChunk,
  writeChunkedRequestHead,
  writeRequestHead,
} from '../http1/head-writer.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { ResponseHead } from '../http1/message-head.ts';
import { type ResponseHandler, ResponseParser } from '../http1/response-parser.ts';
import type { ReadBuffer } from './accept.ts';
import { connectFailure, connectReason } from './connection-lifetime.ts';
import type { Http1Pool } from './http1-pool.ts';
import { PacedReading } from './paced-reading.ts';
import { SocketWriter, type WriteCounter } from './socket-writer.ts';
import type { UpstreamExchange, UpstreamFailure, UpstreamTunnel } from './upstream-exchange.ts';
import { openUpstream } from './upstream-socket.ts';
import type { UpstreamHead, UpstreamStream } from './upstream-stream.ts';
import { UpstreamTlsFacts } from './upstream-tls-facts.ts';

export class Http1Connection implements UpstreamStream, ResponseHandler, WriteCounter {
  readonly protocol = 'HTTP/1.1';
  readonly pool: Http1Pool;
  /** Clock.now() when the connection was made. */
  readonly openedAt: number;
  /** Clock.now() when it last became idle. */
  idleSince = 0;
  /** How long the peer keeps an idle connection, as its Keep-Alive line said; 0 if it did not. */
  peerIdleMs = 0;
  requests = 0;
  /** Empty until connected. */
  localAddress = '';
  /** Set when it is connected. */
  tls: UpstreamTlsFacts | null = null;
  connected = false;
  closed = false;
  /** The endpoint ended it, or could not be reached. */
  closedByPeer = false;
  /** A response is awaited, or not complete yet. */
  busy = false;
  exchange: UpstreamExchange | null = null;
  readonly timer: TimerEntry;

  readonly #socket: Socket;
  readonly #reading: PacedReading;
  readonly #writer: SocketWriter;
  readonly #parser: ResponseParser;
  /** The body of the request under way is sent in chunks. */
  #chunked = false;
  #requestEnded = true;
  /** The peer keeps the connection after its response. */
  #keepAlive = true;
  #tunnel: UpstreamTunnel | null = null;
  /** Set by an error event; the close event that follows reports it. */
  #failure: UpstreamFailure = 'connection-termination';
  #message = '';
  #ended = false;
  /** This side has ended it first. */
  #closing = false;
  /** Bytes of a response have come since the request was sent. */
  #answered = false;
  /** Nothing of the request under way has been handed to the system. */
  #isUnsent = false;

  constructor(pool: Http1Pool, readBuffer: ReadBuffer) {
    const { address, tls, prologue, isForbidden } = pool.dependencies;
    this.pool = pool;
    this.openedAt = pool.dependencies.clock.now();
    this.#parser = new ResponseParser(this, pool.limits);
    this.#socket = openUpstream({
      endpoint: address,
      read: { buffer: readBuffer, onRead: (length, buffer) => this.#onRead(buffer, length) },
      tls,
      prologue,
      isForbidden,
      onOpen: () => this.#onOpen(),
    });
    this.#reading = new PacedReading(this.#socket, pool.dependencies.turns);
    this.#writer = new SocketWriter(this.#socket, pool.dependencies.turns, this);
    this.timer = new OwnedTimer(this);
    this.#listen();
  }

  get bufferedBytes(): number {
    return this.#writer.bufferedBytes;
  }

  sendHead(head: UpstreamHead): void {
    const { kind } = head.framing;
    this.requests++;
    this.busy = true;
    this.#answered = false;
    this.#isUnsent = true;
    this.#requestEnded = kind === 'none';
    this.#chunked = kind === 'chunked';
    // The method decides how the response is framed (HEAD has no body).
    this.#parser.expect(head.method);
    const write = this.#chunked ? writeChunkedRequestHead : writeRequestHead;
    this.#writer.text(write(head.method, head.path, head.headers));
  }

  sendBody(piece: string | Buffer): void {
    if (!this.#chunked) {
      this.#writer.chunk(piece);
      return;
    }
    this.#writer.text(chunkHead(piece.length));
    this.#writer.chunk(piece);
    this.#writer.text(chunkEnd);
  }

  /** Trailers do not travel over HTTP/1.1. */
  sendEnd(): void {
    this.#requestEnded = true;
    if (this.#chunked) this.#writer.text(lastChunk);
  }

  close(): void {
    const isClean = this.#requestEnded && !this.busy && this.#parser.idle;
    this.pool.release(this, isClean && this.#keepAlive);
  }

  becomeTunnel(tunnel: UpstreamTunnel): void {
    this.#tunnel = tunnel;
    const leftover = this.#parser.takeLeftover();
    if (leftover.length > 0) tunnel.onTunnelBytes(leftover, 0, leftover.length);
  }

  sendTunnelBytes(bytes: Buffer, start: number, end: number): void {
    this.#writer.bytes(bytes, start, end);
  }

  closeTunnel(): void {
    this.pool.releaseTunnel(this);
  }

  pauseReading(): void {
    this.#reading.pause();
  }

  resumeReading(): void {
    this.#reading.resume();
  }

  setKeepAlive(afterMs: number): void {
    this.#socket.setKeepAlive(true, afterMs);
  }

  /** Closes after what was written has left; the timer ends it if the peer does not take it. */
  closeAfterWrite(): void {
    this.exchange = null;
    this.#closing = true;
    this.idleSince = Number.NEGATIVE_INFINITY;
    this.#writer.flush();
    this.resumeReading();
    this.#socket.end();
  }

  destroy(): void {
    this.closed = true;
    this.#socket.destroy();
  }

  countWritten(bytes: number): void {
    this.#isUnsent = false;
    this.pool.dependencies.gate.stats.upstreamCxTxBytesTotal += bytes;
  }

  onTimer(): void {
    if (this.connected) {
      this.pool.onIdleTimer(this);
      return;
    }
    this.#failure = 'connect-timeout';
    this.#message = 'connection timeout';
    this.#socket.destroy();
  }

  // ResponseHandler: the parser reports to the exchange.

  onInformational(head: ResponseHead): void {
    this.#answered = false;
    this.exchange?.onInformational(head);
  }

  onResponseHead(head: ResponseHead): void {
    this.#keepAlive = head.keepAlive;
    // What a peer says of its idle connections it says with its first response.
    if (this.requests === 1) this.peerIdleMs = announcedIdleMs(head.headers);
    this.exchange?.onResponseHead(head);
  }

  onResponseBody(bytes: Buffer, start: number, end: number): void {
    this.exchange?.onResponseBody(bytes, start, end);
  }

  onResponseEnd(): void {
    this.busy = false;
    this.#reading.renew();
    this.exchange?.onResponseEnd(null);
  }

  onResponseError(error: CodecError): void {
    // Closing without an answer is no fault of the protocol; closing in the middle of one is.
    const cut = error.code === 'premature_eof' && !this.#answered;
    if (!cut) this.pool.dependencies.gate.stats.upstreamCxProtocolError++;
    this.#fail(cut ? this.#lossByClose() : 'protocol-error', error.details);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('drain', () => this.exchange?.onDrain());
    socket.on('end', () => this.#onPeerEnd());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.closedByPeer = true;
      this.#failure = this.connected ? this.#lossByReset() : connectFailure(error);
      this.#message = error.message;
    });
    socket.on('close', () => this.#onClose());
  }

  #onOpen(): void {
    const { localAddress = '', localPort = 0 } = this.#socket;
    this.connected = true;
    this.localAddress = `${localAddress}:${localPort}`;
    this.tls = UpstreamTlsFacts.of(this.#socket);
    this.pool.onConnected(this);
  }

  /** Half an answer is a broken one to Envoy, however the connection ended. */
  #lossByReset(): UpstreamFailure {
    if (this.#answered) return 'protocol-error';
    return this.#wasMissed() ? 'not-sent' : 'reset';
  }

  #lossByClose(): UpstreamFailure {
    return this.#wasMissed() ? 'not-sent' : 'connection-termination';
  }

  /**
   * It had ended already when the request was put onto it, which leaves with the end of the turn.
   * One that has served nobody yet is no such chance: its endpoint turns everybody away.
   */
  #wasMissed(): boolean {
    return this.#isUnsent && this.requests > 1;
  }

  #onRead(buffer: Buffer, length: number): void {
    this.pool.dependencies.gate.stats.upstreamCxRxBytesTotal += length;
    this.#reading.take(length);
    if (this.#tunnel !== null) {
      this.#tunnel.onTunnelBytes(buffer, 0, length);
      return;
    }
    this.#answered = true;
    this.#parser.push(buffer, 0, length);
  }

  #onPeerEnd(): void {
    this.#ended = true;
    this.closedByPeer ||= !this.#closing;
    if (this.#tunnel !== null) {
      this.#tunnel.onTunnelEnd();
      return;
    }
    this.#parser.end();
    if (this.exchange === null) this.pool.onIdleClosed(this);
    this.#socket.destroy();
  }

  #onClose(): void {
    this.closed = true;
    if (this.#tunnel !== null && !this.#ended) this.#tunnel.onTunnelEnd();
    if (this.connected) this.#fail(this.#failure, this.#message);
    else this.pool.onConnectFailed(connectReason(this.#failure), this.#message);
    this.pool.onClosed(this);
  }

  #fail(failure: UpstreamFailure, message: string): void {
    const exchange = this.exchange;
    this.exchange = null;
    this.closed = true;
    if (failure === 'not-sent') this.busy = false;
    this.#socket.destroy();
    if (exchange === null) return;
    exchange.onFailure(failure, message);
  }
}

/** `Keep-Alive: timeout=5`: the peer closes the connection after so many idle seconds; or 0. */
function announcedIdleMs(headers: HeaderList): number {
  const value = headers.get('keep-alive');
  const at = value === undefined ? -1 : value.indexOf('timeout=');
  const seconds = at < 0 ? 0 : Number.parseInt((value as string).slice(at + 8), 10);
  return seconds > 0 ? seconds * 1000 : 0;
}

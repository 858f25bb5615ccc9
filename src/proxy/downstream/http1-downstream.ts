/**
 * One client connection on HTTP/1.1: feeds the parser, runs its requests one after the other, and
 * closes when there is reason to.
 */

import { OwnedTimer } from '../../base/timer-wheel.ts';
import type { CodecError } from '../../http1/codec-error.ts';
import { HeaderList } from '../../http1/header-list.ts';
import { noBody, type RequestHead } from '../../http1/message-head.ts';
import { type RequestHandler, RequestParser } from '../../http1/request-parser.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { Limits } from '../../model/limits.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { SocketWriter } from '../../transport/socket-writer.ts';
import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveHttpChain } from '../listener/active-filter-chain.ts';
import type { ActiveListener } from '../listener/active-listener.ts';
import { type LocalReply, localReply } from '../local-reply.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { refusedRequestReply } from '../stream/prepare-request.ts';
import { Stream } from '../stream/stream.ts';
import { DeliveryWatch } from '../timeouts/delivery-watch.ts';
import type { DateHeader } from './date-header.ts';
import type { Downstream, DownstreamTunnel } from './downstream.ts';
import { Http1ResponseWriter } from './http1-response-writer.ts';
import type { ResponseWriter } from './response-writer.ts';

/** Takes over a connection whose client speaks HTTP/2 without having said so before. */
export type StartHttp2 = (
  connection: DownstreamConnection,
  chain: ActiveHttpChain,
) => ConnectionHandler;

/** RFC 9113, section 3.4; no HTTP/1.1 request begins like this. */
const http2Preface = 'PRI * HTTP/2.0';

export class Http1Downstream
  implements Downstream, DownstreamTunnel, ConnectionHandler, RequestHandler
{
  readonly listener: ActiveListener;
  readonly chain: ActiveHttpChain;
  readonly context: ProxyContext;
  readonly writer: SocketWriter;
  readonly peerAddress: string;

  readonly #connection: DownstreamConnection;
  readonly #parser: RequestParser;
  /** For whichever the connection waits for: idleness, or a slow head. */
  readonly #timer: OwnedTimer;
  /** null once the first bytes have been seen, and where HTTP/2 is out of the question. */
  #startHttp2: StartHttp2 | null;
  #stream: Stream | null = null;
  /** Nothing further is read or served here. */
  #isOver = false;
  #isTunnel = false;
  #drainRequested = false;
  /** The client speaks HTTP/1.1, as far as its first bytes say so. */
  #counted = false;
  /** Clock.now() when the last exchange ended, or the connection began. */
  #idleSince: number;
  /** Clock.now() when an unfinished head was first seen; 0 while there is none. */
  #headSince = 0;
  /** While the client does not take its responses, no further request begins; null elsewhere. */
  #unread: DeliveryWatch | null = null;

  constructor(
    connection: DownstreamConnection,
    chain: ActiveHttpChain,
    startHttp2: StartHttp2 | null,
  ) {
    this.listener = connection.listener;
    this.chain = chain;
    this.context = connection.context;
    this.writer = connection.writer;
    this.peerAddress = connection.peerAddress;
    this.#connection = connection;
    this.#startHttp2 = startHttp2;
    this.#parser = new RequestParser(this, this.limits);
    this.#timer = new OwnedTimer(this);
    this.#idleSince = this.context.clock.now();
    this.context.wheel.arm(this.#timer, this.#period(this.limits.downstreamIdleMs));
    if (startHttp2 === null) this.#count();
  }

  get limits(): Limits {
    return this.listener.model.limits;
  }

  get settings(): HttpSettings {
    return this.chain.model.http;
  }

  get date(): DateHeader {
    return this.context.date;
  }

  get client(): DownstreamConnection {
    return this.#connection;
  }

  get scheme(): 'http' | 'https' {
    return this.#connection.scheme;
  }

  /** The exchange under way is the last one. */
  get draining(): boolean {
    return this.#drainRequested || this.listener.endsConnections;
  }

  get bufferedBytes(): number {
    return this.writer.bufferedBytes;
  }

  get bufferBytesMax(): number {
    return this.limits.streamBufferBytes;
  }

  get tunnel(): DownstreamTunnel {
    return this;
  }

  startInfo(now: number): StreamInfo {
    return this.#connection.startInfo(this.listener.model, now);
  }

  startResponse(info: StreamInfo): ResponseWriter {
    return new Http1ResponseWriter(this.writer, info, this);
  }

  /** Ends the connection when it is idle, after the exchange under way otherwise. */
  drain(): void {
    this.#drainRequested = true;
    if (this.#stream === null && this.#parser.idle) this.closeAfterWrite();
  }

  cancel(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamClosed('downstream_local_disconnect');
  }

  pauseReading(): void {
    this.#connection.pauseReading();
  }

  resumeReading(): void {
    this.#connection.resumeReading();
  }

  becomeTunnel(): void {
    this.#isTunnel = true;
    this.#parser.stop();
    const early = this.#parser.takeLeftover();
    if (early.length > 0) this.#stream?.onTunnelBytes(early, 0, early.length);
  }

  /** The stream has ended its response. `now`: Clock.now(). */
  onStreamDone(stream: Stream, keepAlive: boolean, now: number): void {
    if (stream !== this.#stream) return;
    this.#stream = null;
    this.#idleSince = now;
    if (this.listener.endsConnections) this.#drainRequested = true;
    if (!keepAlive || this.#drainRequested) {
      this.closeAfterWrite();
      return;
    }
    if (this.writer.bufferedBytes > this.limits.streamBufferBytes) this.#waitForReader(now);
    else this.#nextRequest();
  }

  #nextRequest(): void {
    this.resumeReading();
    this.#parser.next();
    if (this.#parser.mustWait) this.#connection.waitForTurn();
    if (this.#stream === null && this.#parser.inHead) this.#watchHead();
  }

  /** Requests that are here already would make what waits for the client grow without end. */
  #waitForReader(now: number): void {
    this.#unread = new DeliveryWatch(now);
    this.pauseReading();
    this.context.wheel.arm(this.#timer, this.#untilTimeout());
  }

  /** The response cannot be completed: the client must see that it is cut. */
  abandon(): void {
    this.#stream = null;
    this.closeAfterWrite();
  }

  /** Ends the connection with a TCP reset, once the system has taken what was written. */
  reset(): void {
    if (this.#isOver) return;
    this.#end();
    this.#connection.reset();
  }

  /** Half-closes after the last byte, and reads on for a moment so that the client sees no reset. */
  closeAfterWrite(): void {
    if (this.#isOver) return;
    if (this.#drainRequested) this.listener.onDrainClose();
    this.#end();
    this.#connection.closeAfterWrite();
  }

  onTimer(): void {
    if (this.#isOver) return;
    const wait = this.#untilTimeout();
    if (wait <= 0) this.#onTimedOut();
    if (!this.#isOver) this.context.wheel.arm(this.#timer, this.#period(wait));
  }

  #end(): void {
    this.#isOver = true;
    this.#stream = null;
    this.#parser.stop();
    this.context.wheel.disarm(this.#timer);
  }

  #onTimedOut(): void {
    const { stats } = this.listener;
    if (this.#stream !== null) {
      stats.downstreamRqIdleTimeout++;
      this.#stream.onIdleTimeout();
    } else if (this.#unread !== null) {
      this.#connection.destroy();
    } else if (this.#headSince > 0) {
      stats.downstreamRqHeaderTimeout++;
      this.#refuse(
        localReply(408, 'request_header_timeout', { body: 'Request Timeout', close: true }),
      );
    } else {
      stats.downstreamCxIdleTimeout++;
      this.closeAfterWrite();
    }
  }

  // RequestHandler: what the parser reports.

  onRequestHead(head: RequestHead): void {
    this.#headSince = 0;
    this.#startStream(head).start();
  }

  onRequestBody(bytes: Buffer, start: number, end: number): void {
    this.#stream?.onRequestBody(bytes, start, end);
  }

  /** Trailers do not travel over HTTP/1.1. */
  onRequestEnd(): void {
    this.#stream?.onRequestEnd(null);
  }

  onRequestError(error: CodecError): void {
    this.listener.onCodecError();
    const reply = refusedRequestReply(error.status, error.details);
    if (this.#stream !== null) this.#stream.onRequestError(reply);
    else this.#refuse(reply);
  }

  // ConnectionHandler.

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#isOver) return;
    if (this.#startHttp2 !== null && this.#isHandedOver(bytes, start, end)) return;
    if (this.#isTunnel) {
      this.#stream?.onTunnelBytes(bytes, start, end);
      return;
    }
    this.#parser.push(bytes, start, end);
    this.#afterParsing();
  }

  /** More was read than one turn of the event loop is for. */
  onTurn(): void {
    if (this.#isOver || this.#isTunnel) return;
    this.#parser.goOn();
    this.#afterParsing();
  }

  #afterParsing(): void {
    const parser = this.#parser;
    if (parser.mustWait) this.#connection.waitForTurn();
    else if (parser.inHead) this.#watchHead();
    else if (parser.bufferedBytes > this.limits.pipelineBufferBytes) this.pauseReading();
  }

  /** With the first bytes: true if they are those of HTTP/2. */
  #isHandedOver(bytes: Buffer, start: number, end: number): boolean {
    const startHttp2 = this.#startHttp2;
    this.#startHttp2 = null;
    if (startHttp2 === null) return false;
    if (bytes.toString('latin1', start, start + http2Preface.length) !== http2Preface) {
      this.#count();
      return false;
    }
    this.#end();
    const handler = startHttp2(this.#connection, this.chain);
    this.#connection.handler = handler;
    handler.onBytes(bytes, start, end);
    return true;
  }

  onDrain(): void {
    if (this.#unread === null) {
      this.#stream?.onDownstreamDrain();
      return;
    }
    this.#unread = null;
    if (!this.#isOver) this.#nextRequest();
  }

  onPeerEnd(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamClosed();
    if (!this.#isOver && !this.#isTunnel) this.#connection.destroy();
  }

  onClosed(): void {
    const stream = this.#stream;
    this.#end();
    if (this.#counted) this.listener.stats.downstreamCxHttp1Active--;
    stream?.onDownstreamClosed();
  }

  #count(): void {
    this.#counted = true;
    this.listener.stats.downstreamCxHttp1Total++;
    this.listener.stats.downstreamCxHttp1Active++;
  }

  #startStream(head: RequestHead): Stream {
    const stream = new Stream(this, head);
    this.#stream = stream;
    this.listener.stats.downstreamRqHttp1Total++;
    this.listener.onStreamStart();
    return stream;
  }

  /** A head that does not arrive in one piece has a time limit. */
  #watchHead(): void {
    if (this.#headSince > 0) return;
    this.#headSince = this.context.clock.now();
    this.context.wheel.arm(this.#timer, this.#untilTimeout());
  }

  /** Answers something that never became a request. */
  #refuse(reply: LocalReply): void {
    const head: RequestHead = {
      method: '',
      target: '',
      scheme: null,
      minorVersion: 1,
      headers: new HeaderList(),
      host: undefined,
      framing: noBody,
      keepAlive: false,
      upgrade: null,
      connectionNames: null,
    };
    this.#startStream(head).reply(reply);
  }

  /** Milliseconds until the connection has waited too long; 0 or less if it has. */
  #untilTimeout(): number {
    const { downstreamIdleMs, requestHeadTimeoutMs, slowReaderMs, streamIdleMs } = this.limits;
    const now = this.context.clock.now();
    if (this.#stream !== null) {
      return streamIdleMs > 0 ? this.#stream.activeAt + streamIdleMs - now : downstreamIdleMs;
    }
    if (this.#unread !== null) {
      return slowReaderMs - this.#unread.stuckMs(this.writer.bufferedBytes, now);
    }
    if (this.#headSince > 0 && requestHeadTimeoutMs > 0) {
      return this.#headSince + requestHeadTimeoutMs - now;
    }
    return this.#idleSince + downstreamIdleMs - now;
  }

  /** The timer looks again at least this often, so that no request has to arm one. */
  #period(wait: number): number {
    const { streamIdleMs } = this.limits;
    const soonest = wait > 0 ? wait : this.limits.downstreamIdleMs;
    return streamIdleMs > 0 ? Math.min(soonest, streamIdleMs) : soonest;
  }
}

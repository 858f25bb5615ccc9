/** One stream of a client's HTTP/2 connection: its request goes to a `Stream`, whose response it carries. */

import type { HeaderList } from '../../http1/header-list.ts';
import { errorCode } from '../../http2/protocol.ts';
import type { Http2Stream, Http2StreamHandler, ResetOrigin } from '../../http2/session-types.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import { trailersOf } from '../../transport/http2-fields.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveHttpChain } from '../listener/active-filter-chain.ts';
import type { ActiveListener } from '../listener/active-listener.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { Stream } from '../stream/stream.ts';
import type { DateHeader } from './date-header.ts';
import type { Downstream } from './downstream.ts';
import type { Http2Downstream } from './http2-downstream.ts';
import { requestHeadOf } from './http2-head.ts';
import { Http2ResponseWriter } from './http2-response-writer.ts';
import type { ResponseWriter } from './response-writer.ts';

export class Http2Exchange implements Downstream, Http2StreamHandler {
  readonly listener: ActiveListener;
  readonly chain: ActiveHttpChain;
  readonly context: ProxyContext;
  readonly tunnel = null;

  readonly #downstream: Http2Downstream;
  readonly #http2: Http2Stream;
  #stream: Stream | null = null;
  /** Its request waits for the rest of what was read with it. */
  #hasBegun = false;
  /** The request is its head alone. */
  #isWhole = false;
  #trailers: HeaderList | null = null;

  constructor(downstream: Http2Downstream, http2: Http2Stream) {
    this.listener = downstream.listener;
    this.chain = downstream.chain;
    this.context = downstream.context;
    this.#downstream = downstream;
    this.#http2 = http2;
  }

  get peerAddress(): string {
    return this.#downstream.peerAddress;
  }

  get settings(): HttpSettings {
    return this.chain.model.http;
  }

  get date(): DateHeader {
    return this.context.date;
  }

  get client(): DownstreamConnection {
    return this.#downstream.client;
  }

  get scheme(): 'http' | 'https' {
    return this.#downstream.scheme;
  }

  get draining(): boolean {
    return this.#downstream.draining;
  }

  get bufferedBytes(): number {
    return this.#http2.queuedBytes;
  }

  get bufferBytesMax(): number {
    return this.#downstream.streamBufferBytes;
  }

  /** Clock.now() of the last byte either way; 0 when the exchange is over. */
  get activeAt(): number {
    return this.#stream === null ? 0 : this.#stream.activeAt;
  }

  /** The request has come. It is not looked at before `begin`. */
  open(fields: readonly string[], endStream: boolean): void {
    this.#stream = new Stream(this, requestHeadOf(fields, endStream));
    this.#isWhole = endStream;
    this.listener.stats.downstreamRqHttp2Total++;
    this.listener.onStreamStart();
  }

  /** Routes the request, unless that was done before or its stream has been reset meanwhile. */
  begin(): void {
    const stream = this.#stream;
    if (stream === null || this.#hasBegun) return;
    this.#hasBegun = true;
    stream.start();
    if (this.#isWhole) stream.onRequestEnd(null);
  }

  /** The connection is ended from here; the exchange with it. */
  cancel(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamClosed('downstream_local_disconnect');
  }

  onIdleTimeout(): void {
    this.listener.stats.downstreamRqIdleTimeout++;
    this.#stream?.onIdleTimeout();
  }

  // Downstream.

  startInfo(now: number): StreamInfo {
    return this.#downstream.startInfo(now);
  }

  startResponse(info: StreamInfo): ResponseWriter {
    return new Http2ResponseWriter(this.#http2, info, this);
  }

  onStreamDone(): void {
    this.#end();
    // What is left of the request is not wanted (RFC 9113, section 8.1).
    this.#http2.discardInput();
    if (!this.#http2.closed) this.#downstream.onUnsent(this.#http2);
  }

  abandon(): void {
    this.#end();
    this.#http2.reset(errorCode.internalError);
  }

  reset(): void {
    this.abandon();
  }

  pauseReading(): void {
    this.#http2.pause();
  }

  resumeReading(): void {
    this.#http2.resume();
  }

  // Http2StreamHandler.

  onHeaders(): void {}

  onData(bytes: Buffer, start: number, end: number): void {
    this.begin();
    this.#stream?.onRequestBody(bytes, start, end);
  }

  onTrailers(fields: string[]): void {
    this.#trailers = trailersOf(fields);
  }

  onEnd(): void {
    this.begin();
    this.#stream?.onRequestEnd(this.#trailers);
  }

  onReset(_code: number, origin: ResetOrigin): void {
    const stream = this.#stream;
    this.#end();
    if (stream === null) return;
    if (!this.#hasBegun) stream.noteUnrouted();
    if (origin === 'connection') stream.onDownstreamClosed();
    else {
      const { downstreamProtocolError, downstreamRemoteReset } = responseFlag;
      const flag = origin === 'peer' ? downstreamRemoteReset : downstreamProtocolError;
      stream.onDownstreamClosed('http2.remote_reset', flag);
    }
  }

  onDrain(): void {
    this.#stream?.onDownstreamDrain();
  }

  #end(): void {
    if (this.#stream === null) return;
    this.#stream = null;
    this.#downstream.onExchangeOver(this);
  }
}

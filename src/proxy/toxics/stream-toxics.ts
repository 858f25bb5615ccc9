/**
 * The toxics that hit one stream: what they do to its request and to its response, and how they end
 * it. There is none for a stream that no toxic hits.
 */

import type { HeaderList } from '../../http1/header-list.ts';
import type { ListenerStats } from '../../telemetry/metrics/listener-stats.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { RequestReader } from '../downstream/downstream.ts';
import type {
  ResponseFraming,
  ResponseOutput,
  ResponseWriter,
} from '../downstream/response-writer.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { ProxyError } from '../proxy-error.ts';
import type { Stream } from '../stream/stream.ts';
import type { ToxicDose } from './toxic-filter.ts';
import { ToxicResponse, type ToxicResponseOwner } from './toxic-response.ts';
import { ToxicUpload, type ToxicUploadOwner } from './toxic-upload.ts';

export class StreamToxics
  implements RequestReader, ResponseOutput, ToxicResponseOwner, ToxicUploadOwner
{
  readonly context: ProxyContext;
  readonly response: ResponseWriter;
  readonly info: StreamInfo;
  readonly stats: ListenerStats;
  readonly #stream: Stream;
  readonly #upload: ToxicUpload | null;
  /** null where the response is left alone. */
  #download: ToxicResponse | null;

  constructor(stream: Stream, dose: ToxicDose) {
    this.context = stream.context;
    this.response = stream.response;
    this.info = stream.info;
    this.stats = stream.connection.listener.stats;
    this.#stream = stream;
    this.#download = dose.hitsResponse ? new ToxicResponse(dose, this) : null;
    this.#upload = this.#slowUpload(dose.uploadBytesPerSecond);
  }

  /** Bytes of the response that wait here. */
  get queuedBytes(): number {
    return this.#download === null ? 0 : this.#download.queuedBytes;
  }

  // The request.

  onRequestBody(bytes: Buffer, start: number, end: number): void {
    if (this.#upload === null) this.#stream.request.onBody(bytes, start, end);
    else this.#upload.push(bytes, start, end);
  }

  onRequestEnd(trailers: HeaderList | null): void {
    if (this.#upload === null) this.#stream.request.onEnd(trailers);
    else this.#upload.end(trailers);
  }

  pauseReading(): void {
    (this.#upload ?? this.#stream.connection).pauseReading();
  }

  resumeReading(): void {
    (this.#upload ?? this.#stream.connection).resumeReading();
  }

  // The response.

  head(status: number, headers: HeaderList, framing: ResponseFraming): void {
    if (this.#download === null) this.response.head(status, headers, framing);
    else this.#download.head({ status, headers, framing }, this.#msUntilTimeout());
  }

  /** The bytes are valid during the call only. */
  body(bytes: Buffer, start: number, end: number): void {
    (this.#download ?? this.response).body(bytes, start, end);
  }

  text(body: string): void {
    if (this.#download === null) this.response.text(body);
    else this.#download.body(Buffer.from(body, 'latin1'), 0, body.length);
  }

  finishResponse(trailers: HeaderList | null): void {
    if (this.#download === null) this.#stream.finishResponse(trailers);
    else this.#download.end(trailers);
  }

  /** What follows is an error of the proxy's own, which toxics leave alone. */
  leaveResponse(): void {
    this.#download?.cancel();
    this.#download = null;
  }

  /** The exchange is over. */
  cancel(): void {
    this.#upload?.cancel();
    if (this.#download === null) return;
    this.#download.cancel();
    // A head that was held back has never been sent.
    if (!this.response.started) this.info.status = 0;
  }

  // ToxicUploadOwner.

  onUploadBytes(bytes: Buffer, start: number, end: number): void {
    this.#stream.request.onBody(bytes, start, end);
  }

  onUploadEnd(trailers: HeaderList | null): void {
    this.#stream.request.onEnd(trailers);
  }

  // ToxicResponseOwner.

  onToxicProgress(): void {
    this.#stream.onResponseProgress();
  }

  onToxicEnd(trailers: HeaderList | null): void {
    this.#stream.finishResponse(trailers);
  }

  onToxicBreak(byReset: boolean): void {
    const details = byReset ? 'toxic_reset_connection' : 'toxic_cut_body';
    this.#stream.abandon(responseFlag.faultInjected, details, byReset);
  }

  onToxicTimeout(): void {
    const { cluster } = this.#stream;
    if (cluster !== null) cluster.stats.upstreamRqTimeout++;
    this.#stream.replyUpstreamFailure(new ProxyError('route-timeout'), false);
  }

  #slowUpload(bytesPerSecond: number): ToxicUpload | null {
    const { connection, head, limits } = this.#stream;
    if (bytesPerSecond === Number.POSITIVE_INFINITY || head.framing.kind === 'none') return null;
    this.info.responseFlags |= responseFlag.delayInjected;
    this.stats.toxicSlowUpload++;
    const rate = { bytesPerSecond, queueMax: limits.streamBufferBytes };
    return new ToxicUpload(rate, this, connection);
  }

  /** Of the route; Infinity where no timeout runs. */
  #msUntilTimeout(): number {
    const { timeoutMs, request } = this.#stream;
    if (timeoutMs === 0 || request.endedAt === 0) return Number.POSITIVE_INFINITY;
    return request.endedAt + timeoutMs - this.context.clock.now();
  }
}

/**
 * Stands between a stream and its response writer where toxics hit the response: holds the head
 * back, lets the body pass at a rate, and breaks it off.
 */

import type { Timer } from '../../base/timers.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ListenerStats } from '../../telemetry/metrics/listener-stats.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { ResponseFraming, ResponseWriter } from '../downstream/response-writer.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { PacedQueue, type PacedReceiver } from './paced-queue.ts';
import type { ToxicDose } from './toxic-filter.ts';

export interface ToxicResponseOwner {
  readonly context: ProxyContext;
  readonly response: ResponseWriter;
  readonly info: StreamInfo;
  readonly stats: ListenerStats;
  /** Bytes have been passed on: there may be room for more. */
  onToxicProgress(): void;
  /** All of the response but its end has been sent. */
  onToxicEnd(trailers: HeaderList | null): void;
  /** The response is to break off where it is now. */
  onToxicBreak(byReset: boolean): void;
  /** The route's timeout has come while the head was held back. */
  onToxicTimeout(): void;
}

export interface ToxicHead {
  readonly status: number;
  readonly headers: HeaderList;
  readonly framing: ResponseFraming;
}

export class ToxicResponse implements PacedReceiver {
  readonly #dose: ToxicDose;
  readonly #owner: ToxicResponseOwner;
  readonly #body: PacedQueue;
  #timer: Timer | null = null;
  #passedBytes = 0;
  #opened = false;
  #ended = false;
  #trailers: HeaderList | null = null;
  #over = false;

  constructor(dose: ToxicDose, owner: ToxicResponseOwner) {
    const rate = { bytesPerSecond: dose.downloadBytesPerSecond, held: true };
    this.#dose = dose;
    this.#owner = owner;
    this.#body = new PacedQueue(rate, this, owner.context);
  }

  /** Of the body, not passed on yet. */
  get queuedBytes(): number {
    return this.#body.queuedBytes;
  }

  /** `msLeft`: until the route's timeout, Infinity without one. */
  head(head: ToxicHead, msLeft: number): void {
    const { latencyMs } = this.#dose;
    if (latencyMs === 0) {
      this.#open(head);
      return;
    }
    this.#owner.info.responseFlags |= responseFlag.delayInjected;
    this.#owner.stats.toxicFirstByteLatency++;
    this.#timer = this.#owner.context.timers.set(Math.max(0, Math.min(latencyMs, msLeft)), () => {
      this.#timer = null;
      if (latencyMs < msLeft) this.#open(head);
      else this.#owner.onToxicTimeout();
    });
  }

  /** The bytes are valid during the call only. */
  body(bytes: Buffer, start: number, end: number): void {
    this.#body.push(bytes, start, end);
  }

  end(trailers: HeaderList | null): void {
    this.#ended = true;
    this.#trailers = trailers;
    if (this.#opened && this.#body.queuedBytes === 0) this.#finish();
  }

  /** What is held back will not be sent. */
  cancel(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#body.cancel();
  }

  onPacedBytes(bytes: Buffer, start: number, end: number): void {
    const room = this.#dose.breakAfterBytes - this.#passedBytes;
    const until = Math.min(end, start + room);
    if (until > start) this.#owner.response.body(bytes, start, until);
    this.#passedBytes += until - start;
    if (until < end) this.#break();
    else this.#owner.onToxicProgress();
  }

  onPacedEmpty(): void {
    if (this.#ended) this.#finish();
  }

  #open({ status, headers, framing }: ToxicHead): void {
    if (this.#dose.breakAfterBytes < 0) {
      this.#break();
      return;
    }
    if (this.#dose.downloadBytesPerSecond !== Number.POSITIVE_INFINITY) {
      this.#owner.info.responseFlags |= responseFlag.delayInjected;
      this.#owner.stats.toxicBandwidthLimit++;
    }
    this.#opened = true;
    this.#owner.response.head(status, headers, framing);
    this.#body.release();
    if (this.#ended && this.#body.queuedBytes === 0) this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.onToxicEnd(this.#trailers);
  }

  #break(): void {
    const { breaksByReset } = this.#dose;
    this.cancel();
    if (breaksByReset) this.#owner.stats.toxicResetConnection++;
    else this.#owner.stats.toxicCutBody++;
    this.#owner.onToxicBreak(breaksByReset);
  }
}

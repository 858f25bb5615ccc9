/**
 * Sampled exchanges from their end until their spans are encoded: many one after the other, which
 * costs less than each between two requests, for which the processor has forgotten the code.
 */

import { describeDefect } from '../../base/defect.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type { Logger } from '../logger.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { SpanQueue } from './span-queue.ts';
import type { SpanRecords } from './span-records.ts';
import type { ClientSpan, ExchangeSpans } from './spans.ts';

/** What becomes of the spans of one side. */
export interface TracedSide {
  readonly records: SpanRecords;
  readonly queue: SpanQueue;
}

/** An exchange with the side that it ended on, which a reload may have replaced since. */
interface EndedExchange {
  readonly side: TracedSide;
  readonly info: StreamInfo;
  readonly spans: ExchangeSpans;
}

/** Exchanges that are encoded one after the other, at most. */
const exchangesAtOnce = 32;
/**
 * Exchanges that are not sampled which end while one waits. Under load the young generation is
 * collected after twice as many; what lives through that two times is work for the old one.
 */
const othersMeanwhile = 512;
/** Milliseconds until an exchange is encoded at the latest. */
const encodeIntervalMs = 1000;

export class EndedExchanges {
  readonly #timers: Timers;
  readonly #logger: Logger;
  #waiting: EndedExchange[] = [];
  /** Until those that wait are encoded; 1 or more. */
  #othersLeft = othersMeanwhile;
  /** Armed while exchanges wait. */
  #timer: Timer | null = null;
  readonly #onTimer = (): void => this.encode();
  /** A defect has been told since the last configuration. */
  #hasFailed = false;

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers;
    this.#logger = logger;
  }

  /** Once for each exchange. Where the queue is full, nothing of it is kept. */
  add(side: TracedSide, info: StreamInfo, spans: ExchangeSpans): void {
    if (side.queue.isFull) {
      side.queue.drop(spans.clients.length + 1);
      return;
    }
    if (this.#waiting.push({ side, info, spans }) >= exchangesAtOnce) this.encode();
    else this.#timer ??= this.#timers.set(encodeIntervalMs, this.#onTimer);
  }

  /** An exchange that is not sampled has ended. */
  pass(): void {
    if (this.#waiting.length > 0 && --this.#othersLeft === 0) this.encode();
  }

  /** Encodes all that wait; their spans are in the queues of their sides then. */
  encode(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#othersLeft = othersMeanwhile;
    const ended = this.#waiting;
    this.#waiting = [];
    for (const exchange of ended) this.#encodeExchange(exchange);
  }

  /** Another configuration serves. What waits is encoded, and the next defect is told again. */
  startAnew(): void {
    this.encode();
    this.#hasFailed = false;
  }

  #encodeExchange(exchange: EndedExchange): void {
    const { spans } = exchange;
    this.#encodeSpan(exchange, null);
    for (const client of spans.clients) {
      // Mirrors that end while their exchange waits here have nobody to tell, and are seen now.
      if (client.endedAt > 0) this.#encodeSpan(exchange, client);
      else spans.onClientEnd ??= (late) => this.#encodeSpan(exchange, late);
    }
  }

  /** `client`: null for the server span. Never throws. */
  #encodeSpan({ side, info, spans }: EndedExchange, client: ClientSpan | null): void {
    const { queue, records } = side;
    if (queue.isFull) {
      queue.drop(1);
      return;
    }
    let span: Buffer;
    try {
      span = client === null ? records.server(info, spans) : records.client(info, spans, client);
    } catch (error) {
      // A defect of sluice: it costs this span, and no request.
      queue.drop(1);
      this.#tell(error as Error);
      return;
    }
    queue.add(span);
  }

  /** The first one of a configuration; the others are counted alone. */
  #tell(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#logger.error(describeDefect(error, 'while encoding a span'), {});
  }
}

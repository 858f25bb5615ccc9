/**
 * Spans on their way to a collector: sent in batches, a few of them at once. Requests never wait
 * for it: what a collector does not take in time is dropped and counted.
 */

import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Timer, Timers } from '../base/timers.ts';
import type { Collector } from '../model/collector.ts';
import type { Logger } from './logger.ts';
import type { TraceStats } from './trace-stats.ts';

interface SpanQueueOptions {
  readonly collector: Collector;
  readonly timers: Timers;
  readonly stats: TraceStats;
  /** Told the first failure of a series, and its end. */
  readonly logger: Logger;
}

/** Milliseconds until a span leaves at the latest. */
const flushIntervalMs = 1000;
/** Spans that are sent together. */
const batchSpans = 512;
/** Spans that wait; further ones are dropped. */
const queueSpans = 2048;
/** Batches that are being sent, or that a collector leaves without an answer. */
const openBatches = 4;
/** Milliseconds that `close` waits for what has not been sent; the rest is dropped. */
const closeMs = 2000;
/** The exporter's own time runs out before ours. */
const graceMs = 1000;

export class SpanQueue {
  readonly #exporter: SpanExporter;
  readonly #options: SpanQueueOptions;
  #pending: ReadableSpan[] = [];
  #open = 0;
  #timer: Timer | null = null;
  #failing = false;
  #closed = false;
  /** Told when nothing is pending or being sent. */
  #onIdle: (() => void) | null = null;

  constructor(exporter: SpanExporter, options: SpanQueueOptions) {
    this.#exporter = exporter;
    this.#options = options;
  }

  /** Spans would be dropped now: there is no need to make them. */
  get isFull(): boolean {
    return this.#closed || this.#pending.length >= queueSpans;
  }

  add(span: ReadableSpan): void {
    if (this.isFull) {
      this.drop(1);
      return;
    }
    this.#pending.push(span);
    if (this.#pending.length >= batchSpans) this.#send();
    else this.#arm();
  }

  /** Counts spans that were not made because it is full. */
  drop(count: number): void {
    this.#options.stats.spansDropped += count;
  }

  /** Sends what there is, for no longer than two seconds. Spans that come later are dropped. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#flushInTime();
    this.drop(this.#pending.length);
    this.#pending = [];
    // Nobody waits for a collector that does not answer.
    this.#exporter.shutdown().catch((error: Error) => this.#tell(error));
  }

  #arm(): void {
    this.#timer ??= this.#options.timers.set(flushIntervalMs, () => {
      this.#timer = null;
      this.#options.stats.timerFlushed++;
      this.#send();
    });
  }

  /** Sends as much as may be under way. */
  #send(): void {
    while (this.#pending.length > 0 && this.#open < openBatches) {
      this.#export(this.#pending.splice(0, batchSpans));
    }
  }

  #export(batch: ReadableSpan[]): void {
    const { collector, timers } = this.#options;
    this.#open++;
    let isCounted = false;
    const count = (error: Error | null): void => {
      if (isCounted) return;
      isCounted = true;
      timer.cancel();
      this.#count(batch.length, error);
    };
    const timer = timers.set(collector.timeoutMs + graceMs, () => {
      count(new Error('the collector does not answer'));
    });
    this.#exporter.export(batch, ({ code, error }) => {
      count(code === 0 ? null : (error ?? new Error('the collector refuses them')));
      this.#open--;
      this.#next();
    });
  }

  #count(spans: number, error: Error | null): void {
    const { logger, collector, stats } = this.#options;
    if (error !== null) {
      this.drop(spans);
      stats.reportsDropped++;
      if (!this.#failing) this.#tell(error);
      this.#failing = true;
      return;
    }
    stats.spansSent += spans;
    stats.reportsSent++;
    if (this.#failing) logger.info('spans are sent again', { collector: collector.url });
    this.#failing = false;
  }

  #next(): void {
    if (this.#closed || this.#pending.length >= batchSpans) this.#send();
    else if (this.#pending.length > 0) this.#arm();
    if (this.#open === 0 && this.#pending.length === 0) this.#onIdle?.();
  }

  #flushInTime(): Promise<void> {
    this.#send();
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.timers.set(closeMs, resolve);
      this.#onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #tell(error: Error): void {
    const { logger, collector } = this.#options;
    logger.warning('spans cannot be sent, and are dropped', {
      collector: collector.url,
      error: error.message,
    });
  }
}

/**
 * What is on its way to a collector of OpenTelemetry: sent in batches, a few of them at once.
 * Requests never wait for it: what a collector does not take in time is dropped and counted.
 */

import type { Timer, Timers } from '../base/timers.ts';
import type { Collector } from '../model/collector.ts';
import { describeExportFailure } from './export-failure.ts';
import type { Logger } from './logger.ts';

/** Exporters of OpenTelemetry, whatever they send. */
export interface Exporter<Batch> {
  export(batch: Batch, answer: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

/** Items that are sent together; an array is one. */
export interface ExportBatch<Item> {
  readonly length: number;
  push(item: Item): unknown;
}

export interface Batches<Batch> {
  /** An empty one. */
  next(): Batch;
  /** The exporter has returned from its `export`. */
  release(batch: Batch): void;
}

/** Arrays, which an exporter may keep. */
export function arrayBatches<Item>(): Batches<Item[]> {
  return { next: () => [], release: () => {} };
}

/** Counts what becomes of it. */
export interface ExportCounts {
  sent(items: number): void;
  dropped(items: number): void;
  reportSent(): void;
  reportDropped(): void;
  timerFlushed(): void;
}

export interface ExportQueueOptions<Batch> {
  readonly batches: Batches<Batch>;
  readonly collector: Collector;
  readonly timers: Timers;
  readonly counts: ExportCounts;
  /** Told the first failure of a series, and its end. */
  readonly logger: Logger;
  /** What it is, in the plural, for the logger. */
  readonly items: string;
  /** Milliseconds until an item leaves at the latest. */
  readonly flushIntervalMs: number;
}

/** Items that are sent together. */
const batchItems = 512;
/** Items that wait; further ones are dropped. */
const queueItems = 2048;
/** Batches that are being sent. */
const openBatches = 4;
/** Milliseconds that `close` waits for what has not been sent; the rest is dropped. */
const closeMs = 2000;
/** The exporter's own time runs out before ours. */
const graceMs = 1000;

export class ExportQueue<Item, Batch extends ExportBatch<Item> = Item[]> {
  readonly #exporter: Exporter<Batch>;
  readonly #options: ExportQueueOptions<Batch>;
  /** Batches that wait: all but the last one are full. */
  #waiting: Batch[] = [];
  /** Items in them. */
  #count = 0;
  #open = 0;
  #timer: Timer | null = null;
  #failing = false;
  #closed = false;
  /** Told when nothing is pending or being sent. */
  #onIdle: (() => void) | null = null;

  constructor(exporter: Exporter<Batch>, options: ExportQueueOptions<Batch>) {
    this.#exporter = exporter;
    this.#options = options;
  }

  /** Items would be dropped now: there is no need to make them. */
  get isFull(): boolean {
    return this.#closed || this.#count >= queueItems;
  }

  add(item: Item): void {
    if (this.isFull) {
      this.drop(1);
      return;
    }
    this.#batchWithRoom().push(item);
    this.#count++;
    if (this.#count >= batchItems) this.#send();
    else this.#arm();
  }

  /** Counts items that were not made because it is full. */
  drop(count: number): void {
    this.#options.counts.dropped(count);
  }

  /** Sends what there is, for no longer than two seconds. Items that come later are dropped. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#flushInTime();
    this.drop(this.#count);
    this.#waiting = [];
    this.#count = 0;
    // Nobody waits for a collector that does not answer.
    this.#exporter.shutdown().catch((error: Error) => this.#tell(error));
  }

  #batchWithRoom(): Batch {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.length < batchItems) return last;
    const batch = this.#options.batches.next();
    this.#waiting.push(batch);
    return batch;
  }

  #arm(): void {
    this.#timer ??= this.#options.timers.set(this.#options.flushIntervalMs, () => {
      this.#timer = null;
      this.#options.counts.timerFlushed();
      this.#send();
    });
  }

  /** Sends as much as may be under way. */
  #send(): void {
    while (this.#open < openBatches) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      this.#count -= batch.length;
      this.#export(batch);
    }
  }

  #export(batch: Batch): void {
    const { collector, timers, batches } = this.#options;
    const { length } = batch;
    this.#open++;
    let isOver = false;
    const end = (error: Error | null): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      this.#open--;
      this.#settle(length, error);
      this.#next();
    };
    // An exporter that forgets to answer must not stop all that comes behind.
    const timer = timers.set(collector.timeoutMs + graceMs, () => {
      end(new Error('the collector does not answer'));
    });
    this.#exporter.export(batch, ({ code, error }) => {
      end(code === 0 ? null : (error ?? new Error('the collector refuses them')));
    });
    batches.release(batch);
  }

  #settle(items: number, error: Error | null): void {
    const { logger, collector, counts } = this.#options;
    if (error !== null) {
      this.drop(items);
      counts.reportDropped();
      if (!this.#failing) this.#tell(error);
      this.#failing = true;
      return;
    }
    counts.sent(items);
    counts.reportSent();
    const { items: what } = this.#options;
    if (this.#failing) logger.info(`${what} are sent again`, { collector: collector.url });
    this.#failing = false;
  }

  #next(): void {
    if (this.#closed || this.#count >= batchItems) this.#send();
    else if (this.#count > 0) this.#arm();
    if (this.#open === 0 && this.#count === 0) this.#onIdle?.();
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
    const { logger, collector, items } = this.#options;
    logger.warning(`${items} cannot be sent, and are dropped`, {
      collector: collector.url,
      error: describeExportFailure(error),
    });
  }
}

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
  /** `answer` is called once. Whether `batch` may be looked at later, its `Batches` say. */
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
  /** The exporter has returned from its `export`: what serves for the next one is void now. */
  release(batch: Batch): void;
}

/** Arrays, which are an exporter's for good. */
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

export interface ExportQueueOptions<Item, Batch> {
  readonly batches: Batches<Batch>;
  /** Bytes of an item, about. */
  readonly sizeOf: (item: Item) => number;
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

/** Items that are sent together, and bytes after which no further one joins them. */
const batchItems = 512;
const batchBytes = 2 * 1024 * 1024;
/** Items and bytes that wait; further ones are dropped. */
const queueItems = 2048;
const queueBytes = 16 * 1024 * 1024;
/** Batches that are being sent. */
const openBatches = 4;
/** Milliseconds that `close` waits for what has not been sent; the rest is dropped. */
const closeMs = 2000;
/** The exporter's own time runs out before ours. */
const graceMs = 1000;

interface WaitingBatch<Batch> {
  readonly batch: Batch;
  bytes: number;
}

export class ExportQueue<Item, Batch extends ExportBatch<Item> = Item[]> {
  readonly #exporter: Exporter<Batch>;
  readonly #options: ExportQueueOptions<Item, Batch>;
  /** All but the last one are full. */
  #waiting: WaitingBatch<Batch>[] = [];
  /** Items and bytes in them. */
  #count = 0;
  #bytes = 0;
  /** Batches that are being sent. */
  #open = 0;
  #timer: Timer | null = null;
  /** The time of what waits is over, and it leaves as soon as it may. */
  #isDue = false;
  #failing = false;
  #closed = false;
  /** Told when nothing is pending or being sent. */
  #onIdle: (() => void) | null = null;

  constructor(exporter: Exporter<Batch>, options: ExportQueueOptions<Item, Batch>) {
    this.#exporter = exporter;
    this.#options = options;
  }

  /** Items would be dropped now: there is no need to make them. */
  get isFull(): boolean {
    return this.#closed || this.#count >= queueItems || this.#bytes >= queueBytes;
  }

  add(item: Item): void {
    if (this.isFull) {
      this.drop(1);
      return;
    }
    const waiting = this.#batchWithRoom();
    const size = this.#options.sizeOf(item);
    waiting.batch.push(item);
    waiting.bytes += size;
    this.#bytes += size;
    this.#count++;
    if (isFullBatch(waiting)) this.#send();
    else if (!this.#isDue) this.#arm();
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
    for (let i = 0; i < this.#waiting.length; i++) this.#options.counts.reportDropped();
    this.#waiting = [];
    this.#count = 0;
    // Nobody waits for a collector that does not answer.
    this.#exporter.shutdown().catch((error: Error) => this.#tell(error));
  }

  #batchWithRoom(): WaitingBatch<Batch> {
    const last = this.#waiting.at(-1);
    if (last !== undefined && !isFullBatch(last)) return last;
    const next = { batch: this.#options.batches.next(), bytes: 0 };
    this.#waiting.push(next);
    return next;
  }

  #arm(): void {
    this.#timer ??= this.#options.timers.set(this.#options.flushIntervalMs, () => {
      this.#timer = null;
      this.#isDue = true;
      this.#send();
    });
  }

  /** Sends as much as may be under way. */
  #send(): void {
    while (this.#open < openBatches) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#count -= next.batch.length;
      this.#bytes -= next.bytes;
      if (this.#waiting.length === 0) this.#endWait();
      this.#export(next.batch);
    }
  }

  /** What comes next has its own time. */
  #endWait(): void {
    if (this.#isDue) this.#options.counts.timerFlushed();
    this.#isDue = false;
    this.#timer?.cancel();
    this.#timer = null;
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
    try {
      this.#exporter.export(batch, ({ code, error }) => {
        end(code === 0 ? null : (error ?? new Error('the collector refuses them')));
      });
    } catch (error) {
      // A defect of what sends them costs this batch, and no request.
      end(error as Error);
    }
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
    const [first] = this.#waiting;
    if (first !== undefined) {
      if (this.#closed || this.#isDue || isFullBatch(first)) this.#send();
      else this.#arm();
    }
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

function isFullBatch({ batch, bytes }: WaitingBatch<{ readonly length: number }>): boolean {
  return batch.length >= batchItems || bytes >= batchBytes;
}

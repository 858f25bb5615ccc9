/**
 * Collects the lines of the access logs of one file and writes them in batches. Requests never wait
 * for it: when the disk is slower than the traffic, lines are dropped and counted.
 */

import type { Timer, Timers } from '../../base/timers.ts';
import type { AccessLogStats } from './access-log-stats.ts';
import { LogBatch } from './log-batch.ts';

/** Where batches go. */
export interface LogSink {
  /** One at a time. May never settle: who reads a pipe may have stopped. */
  append(bytes: Uint8Array): Promise<void>;
  reopen(): Promise<void>;
  /** An `append` under way gives up. */
  close(): Promise<void>;
}

export interface LogWriterOptions {
  /** Milliseconds until a line is written at the latest. */
  readonly flushIntervalMs: number;
  /** Bytes that are written together. */
  readonly batchLength: number;
  /** Bytes that wait or are being written; further lines are dropped. */
  readonly bufferLength: number;
  /** Milliseconds that `close` waits for what has not been written; the rest is dropped. */
  readonly closeMs: number;
  /** Told the first failure of a series, never about every line. */
  readonly onError: (error: Error) => void;
}

/** A batch that grew beyond this while the disk was slow is given back, bytes. */
const keptCapacity = 512 * 1024;

/** Room behind `batchLength` for the line that completes a batch, bytes. */
const batchSlack = 8 * 1024;

const defaultOptions: LogWriterOptions = {
  flushIntervalMs: 200,
  batchLength: 64 * 1024,
  bufferLength: 4 * 1024 * 1024,
  closeMs: 1000,
  onError: () => {},
};

export class LogWriter {
  readonly #sink: LogSink;
  readonly #timers: Timers;
  readonly #stats: AccessLogStats;
  readonly #options: LogWriterOptions;
  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#stats.flushedByTimer++;
    this.#startWriting();
  };

  /** Lines that wait. */
  #batch: LogBatch;
  /** Room that was written, for the next batch; null while there is none. */
  #spare: LogBatch | null = null;
  #writingLength = 0;
  #timer: Timer | null = null;
  /** What is being written or reopened; null while nothing is. */
  #busy: Promise<void> | null = null;
  #failing = false;
  #closed = false;

  constructor(
    sink: LogSink,
    dependencies: {
      readonly timers: Timers;
      readonly stats: AccessLogStats;
      readonly options?: Partial<LogWriterOptions>;
    },
  ) {
    this.#sink = sink;
    this.#timers = dependencies.timers;
    this.#stats = dependencies.stats;
    this.#options = { ...defaultOptions, ...dependencies.options };
    this.#batch = this.#newBatch();
  }

  /**
   * Whether there is room for a line; if not, it is counted. To be asked before the line is made:
   * under overload dropping must be cheaper than writing.
   */
  admit(): boolean {
    const waiting = this.#batch.length + this.#writingLength;
    if (!this.#closed && waiting < this.#options.bufferLength) return true;
    this.#stats.linesDropped++;
    return false;
  }

  /** Takes a line that was admitted: wire text with its newline. Never throws, never waits. */
  write(line: string): void {
    const batch = this.#batch;
    this.#stats.linesTaken++;
    this.#stats.buffered += line.length;
    batch.add(line);
    if (this.#busy !== null) return;
    if (batch.length >= this.#options.batchLength) this.#startWriting();
    else if (this.#timer === null) this.#armTimer();
  }

  /** Resolves when every line so far has been written or dropped. */
  async flush(): Promise<void> {
    while (this.#busy !== null || this.#batch.length > 0) {
      this.#startWriting();
      await this.#busy;
    }
  }

  /** For log rotation: writes what there is, then opens the file under its path again. */
  async reopen(): Promise<void> {
    do await this.flush();
    while (this.#busy !== null);
    if (this.#closed) return;
    const reopening = this.#sink.reopen().catch((error: unknown) => {
      // The old file is still open, so nothing is lost.
      this.#stats.reopenFailures++;
      this.#options.onError(error as Error);
    });
    this.#busy = reopening.then(() => this.#goOn());
    await this.#busy;
  }

  /**
   * Writes what there is, for no longer than `closeMs`, and closes the file. Lines that come later
   * are dropped.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const isFlushed = await this.#flushInTime();
    this.#timer?.cancel();
    if (isFlushed) {
      await this.#sink.close();
      return;
    }
    this.#stats.linesDropped += this.#batch.lines;
    this.#stats.buffered -= this.#batch.length;
    this.#batch.clear();
    // Nobody waits for a file that does not take what is written to it.
    this.#sink.close().catch((error: unknown) => this.#options.onError(error as Error));
  }

  #flushInTime(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#timers.set(this.#options.closeMs, () => resolve(false));
      void this.flush().then(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  #armTimer(): void {
    this.#timer = this.#timers.set(this.#options.flushIntervalMs, this.#onTimer);
  }

  #newBatch(): LogBatch {
    return new LogBatch(this.#options.batchLength + batchSlack);
  }

  #startWriting(): void {
    const batch = this.#batch;
    if (this.#busy !== null || batch.length === 0) return;
    this.#batch = this.#spare ?? this.#newBatch();
    this.#spare = null;
    this.#writingLength = batch.length;
    this.#busy = this.#sink
      .append(batch.bytes)
      .then(
        () => this.#succeed(),
        (error: unknown) => this.#fail(error as Error, batch.lines),
      )
      .then(() => this.#finish(batch));
  }

  #succeed(): void {
    this.#stats.batches++;
    this.#failing = false;
  }

  #fail(error: Error, lines: number): void {
    this.#stats.failures++;
    this.#stats.linesDropped += lines;
    if (!this.#failing) this.#options.onError(error);
    this.#failing = true;
  }

  #finish(written: LogBatch): void {
    this.#stats.buffered -= this.#writingLength;
    this.#writingLength = 0;
    if (written.capacity <= keptCapacity) {
      written.clear();
      this.#spare = written;
    }
    this.#goOn();
  }

  #goOn(): void {
    this.#busy = null;
    const { length } = this.#batch;
    if (length >= this.#options.batchLength) this.#startWriting();
    else if (length > 0 && this.#timer === null) this.#armTimer();
  }
}

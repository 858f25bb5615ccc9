/**
 * Collects the lines of the access logs of one file and writes them in batches. Requests never wait
 * for it: when the disk is slower than the traffic, lines are dropped and counted.
 */

import type { Timer, Timers } from '../../base/timers.ts';
import type { AccessLogStats } from './access-log-stats.ts';

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
  /** Characters that are written together, one byte each. */
  readonly batchLength: number;
  /** Characters that wait or are being written; further lines are dropped. */
  readonly bufferLength: number;
  /** Milliseconds that `close` waits for what has not been written; the rest is dropped. */
  readonly closeMs: number;
  /** Told the first failure of a series, never about every line. */
  readonly onError: (error: Error) => void;
}

/** Room behind `batchLength` for the line that completes a batch, characters. */
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

  /**
   * Where lines are put at once, as bytes: a line is made of many pieces, which the garbage
   * collector would copy while they wait, and they keep the heads that they were made from. null
   * while nothing waits.
   */
  #batch: Buffer | null = null;
  #batchUsed = 0;
  /** Batches before it that wait for the sink. */
  #fullBatches: Buffer[] = [];
  /** Of all batches. */
  #pendingLines = 0;
  #pendingLength = 0;
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
  }

  /**
   * Whether there is room for a line; if not, it is counted. To be asked before the line is made:
   * under overload dropping must be cheaper than writing.
   */
  admit(): boolean {
    const waiting = this.#pendingLength + this.#writingLength;
    if (!this.#closed && waiting < this.#options.bufferLength) return true;
    this.#stats.linesDropped++;
    return false;
  }

  /** Takes a line that was admitted: wire text with its newline. Never throws, never waits. */
  write(line: string): void {
    this.#stats.linesTaken++;
    this.#stats.buffered += line.length;
    this.#batchUsed += this.#roomFor(line.length).write(line, this.#batchUsed, 'latin1');
    this.#pendingLines++;
    this.#pendingLength += line.length;
    if (this.#busy !== null) return;
    if (this.#pendingLength >= this.#options.batchLength) this.#startWriting();
    else if (this.#timer === null) this.#armTimer();
  }

  /** Resolves when every line so far has been written or dropped. */
  async flush(): Promise<void> {
    while (this.#busy !== null || this.#pendingLength > 0) {
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
    this.#busy = reopening.then(() => this.#finish());
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
    this.#stats.linesDropped += this.#pendingLines;
    this.#stats.buffered -= this.#pendingLength;
    this.#takePending();
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

  #roomFor(length: number): Buffer {
    if (this.#batch !== null && this.#batchUsed + length <= this.#batch.length) return this.#batch;
    this.#endBatch();
    const { batchLength } = this.#options;
    this.#batch = Buffer.allocUnsafeSlow(Math.max(batchLength + batchSlack, length));
    return this.#batch;
  }

  #endBatch(): void {
    if (this.#batch !== null) this.#fullBatches.push(this.#batch.subarray(0, this.#batchUsed));
    this.#batch = null;
    this.#batchUsed = 0;
  }

  /** Nothing is pending any more. */
  #takePending(): Buffer {
    this.#endBatch();
    const batches = this.#fullBatches;
    this.#fullBatches = [];
    this.#pendingLines = 0;
    this.#pendingLength = 0;
    const [only, ...others] = batches;
    return only !== undefined && others.length === 0 ? only : Buffer.concat(batches);
  }

  #startWriting(): void {
    if (this.#busy !== null || this.#pendingLength === 0) return;
    const lines = this.#pendingLines;
    this.#writingLength = this.#pendingLength;
    const bytes = this.#takePending();
    this.#busy = this.#sink.append(bytes).then(
      () => this.#succeed(),
      (error: unknown) => this.#fail(error as Error, lines),
    );
  }

  #succeed(): void {
    this.#stats.batches++;
    this.#failing = false;
    this.#finish();
  }

  #fail(error: Error, lines: number): void {
    this.#stats.failures++;
    this.#stats.linesDropped += lines;
    if (!this.#failing) this.#options.onError(error);
    this.#failing = true;
    this.#finish();
  }

  #finish(): void {
    this.#busy = null;
    this.#stats.buffered -= this.#writingLength;
    this.#writingLength = 0;
    if (this.#pendingLength >= this.#options.batchLength) this.#startWriting();
    else if (this.#pendingLength > 0 && this.#timer === null) this.#armTimer();
  }
}

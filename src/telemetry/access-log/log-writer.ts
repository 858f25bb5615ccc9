/**
 * Collects the lines of the access logs of one file and writes them in batches. Requests never wait
 * for it: when the disk is slower than the traffic, lines are dropped and counted.
 */

import type { Timer, Timers } from '../../base/timers.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { LineFormat } from './access-log-format.ts';
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
  /**
   * Exchanges whose lines are made one after the other: that costs less than a line between two
   * requests, for which the processor has forgotten the code. 1 or more.
   */
  readonly linesAtOnce: number;
  /** Bytes that are written together. */
  readonly batchLength: number;
  /** Bytes that wait or are being written; further lines are dropped. */
  readonly bufferLength: number;
  /** Milliseconds that `close` waits for what has not been written; the rest is dropped. */
  readonly closeMs: number;
  /** Told the first failure of a series, never about every line. */
  readonly onError: (error: Error) => void;
  /** A line could not be made. Told the first one of a series, too. */
  readonly onDefect: (error: Error) => void;
  /** Told that the series has ended, and how many lines were dropped in it. */
  readonly onRecovery: (droppedLines: number) => void;
  /** The file could not be opened again; what comes goes to the old one. */
  readonly onReopenError: (error: Error) => void;
}

/** A batch that grew beyond this while the disk was slow is given back, bytes. */
const keptCapacity = 1024 * 1024;

/** Room behind `batchLength` for the lines that complete a batch, bytes. */
const batchSlack = 16 * 1024;

const defaultOptions: LogWriterOptions = {
  flushIntervalMs: 200,
  linesAtOnce: 32,
  // Each write wakes a thread, which with 64 KiB cost a busy proxy 3 to 5 % of its time.
  batchLength: 512 * 1024,
  bufferLength: 4 * 1024 * 1024,
  closeMs: 1000,
  onError: () => {},
  onDefect: () => {},
  onRecovery: () => {},
  onReopenError: () => {},
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

  /** Exchanges whose lines are not made yet, with the format of each. */
  readonly #infos: StreamInfo[] = [];
  readonly #formats: LineFormat[] = [];
  /** Lines that wait. */
  #batch: LogBatch;
  /** Room that was written, for the next batch; null while there is none. */
  #spare: LogBatch | null = null;
  #writingLength = 0;
  #timer: Timer | null = null;
  /** What is being written or reopened; null while nothing is. */
  #busy: Promise<void> | null = null;
  /** Lines that were dropped since writing failed; null while it does not. */
  #droppedByFailure: number | null = null;
  #closed = false;
  /** The lines that were made last were not all made. */
  #isDefective = false;

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
    if (!this.#closed && this.#hasRoom()) return true;
    this.#stats.linesDropped++;
    return false;
  }

  /** `made`: characters that are not in the batch yet. */
  #hasRoom(made = 0): boolean {
    return this.#batch.length + this.#writingLength + made < this.#options.bufferLength;
  }

  /** Takes a line that was admitted, to be made soon of `info`. Never throws, never waits. */
  write(format: LineFormat, info: StreamInfo): void {
    this.#formats.push(format);
    if (this.#infos.push(info) >= this.#options.linesAtOnce) this.#makeLines();
    if (this.#busy !== null) return;
    if (this.#batch.length >= this.#options.batchLength) this.#startWriting();
    else if (this.#timer === null) this.#armTimer();
  }

  /** Resolves when every line so far has been written or dropped. */
  async flush(): Promise<void> {
    while (this.#busy !== null || this.#hasLines()) {
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
      this.#options.onReopenError(error as Error);
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
    this.#makeLines();
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

  #hasLines(): boolean {
    return this.#infos.length > 0 || this.#batch.length > 0;
  }

  #makeLines(): void {
    const count = this.#infos.length;
    let text = '';
    let lines = 0;
    let defect: Error | null = null;
    for (let index = 0; index < count && this.#hasRoom(text.length); index++) {
      try {
        text += (this.#formats[index] as LineFormat).format(this.#infos[index] as StreamInfo);
        lines++;
      } catch (error) {
        // A defect of sluice: it costs this line, and no request.
        defect = error as Error;
      }
    }
    if (defect !== null && !this.#isDefective) this.#options.onDefect(defect);
    if (count > 0) this.#isDefective = defect !== null;
    this.#infos.length = 0;
    this.#formats.length = 0;
    // Once for all: each call out of JavaScript has its price.
    this.#batch.add(text, lines);
    this.#stats.linesTaken += lines;
    this.#stats.linesDropped += count - lines;
    this.#stats.buffered += text.length;
  }

  #startWriting(): void {
    if (this.#busy !== null || !this.#hasLines()) return;
    this.#makeLines();
    const batch = this.#batch;
    if (batch.length === 0) return;
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
    if (this.#droppedByFailure === null) return;
    this.#options.onRecovery(this.#droppedByFailure);
    this.#droppedByFailure = null;
  }

  #fail(error: Error, lines: number): void {
    this.#stats.failures++;
    this.#stats.linesDropped += lines;
    if (this.#droppedByFailure === null) this.#options.onError(error);
    this.#droppedByFailure = (this.#droppedByFailure ?? 0) + lines;
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
    if (this.#batch.length >= this.#options.batchLength) this.#startWriting();
    else if (this.#hasLines() && this.#timer === null) this.#armTimer();
  }
}

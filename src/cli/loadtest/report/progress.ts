/** Tells each second how far a load test is: in one line of a terminal, or in lines of a log. */

import type { Timer, Timers } from '../../../base/timers.ts';
import type { LoadProgress } from '../../../loadtest/run-loadtest.ts';

export interface ProgressOptions {
  readonly output: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly timers: Timers;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #isTerminal: boolean;
  #timer: Timer | null = null;
  #seen = 0;

  /** A terminal is told at once that something begins: workloads and proxy take a while. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#isTerminal = options.output.isTTY === true;
    if (this.#isTerminal) this.#show('starting');
  }

  /** From now on there is load to tell of. */
  begin(load: LoadProgress): void {
    this.#timer = this.#options.timers.set(1000, () => {
      const { line, until } = progressLine(load, this.#seen);
      this.#seen = until;
      this.#show(line);
      this.begin(load);
    });
  }

  end(): void {
    this.#timer?.cancel();
    if (this.#isTerminal) this.#show('');
  }

  #show(line: string): void {
    this.#options.output.write(this.#isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  }
}

/** Of the requests since the last line, which ended at `from`. */
function progressLine(
  { log, durationMs, now }: LoadProgress,
  from: number,
): { line: string; until: number } {
  const atMs = now();
  if (atMs < 0) return { line: 'warming up', until: from };
  let [errors, slowestMs] = [0, 0];
  const until = log.length;
  for (let index = from; index < until; index++) {
    const latencyMs = log.latencyMs(index);
    // Not answered yet.
    if (Number.isNaN(latencyMs)) continue;
    if (log.isError(index) && log.failure(index) !== 'unfinished') errors++;
    slowestMs = Math.max(slowestMs, latencyMs);
  }
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;
  const time = `${seconds(Math.min(atMs, durationMs))} of ${seconds(durationMs)}`;
  const rest = `${until - from} requests, ${errors} errors, slowest ${slowestMs.toFixed(0)} ms`;
  return { line: `${time}: ${rest}`, until };
}

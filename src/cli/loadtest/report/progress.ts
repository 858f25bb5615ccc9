/** Tells each second how far a load test is: in one line of a terminal, or in lines of a log. */

import type { Timer, Timers } from '../../../base/timers.ts';
import type { LoadProgress } from '../../../loadtest/run-loadtest.ts';

export interface ProgressOptions {
  readonly output: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly timers: Timers;
}

/** How much of the log earlier lines were about. */
interface Seen {
  readonly until: number;
  /** Those before it that had no answer yet. */
  readonly waiting: readonly number[];
}

interface Line {
  readonly text: string;
  readonly seen: Seen;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #isTerminal: boolean;
  #timer: Timer | null = null;
  #seen: Seen = { until: 0, waiting: [] };

  /** A terminal is told at once that something begins: workloads and proxy take a while. */
  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#isTerminal = options.output.isTTY === true;
    if (this.#isTerminal) this.#show('starting');
  }

  /** From now on there is load to tell of. */
  begin(load: LoadProgress): void {
    this.#timer = this.#options.timers.set(1000, () => {
      const { text, seen } = progressLine(load, this.#seen);
      this.#seen = seen;
      this.#show(text);
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

/** Of the requests since the last line and of those that had no answer then. */
function progressLine({ log, durationMs, now }: LoadProgress, seen: Seen): Line {
  const atMs = now();
  if (atMs < 0) return { text: 'warming up', seen };
  const until = log.length;
  const sent = until - seen.until;
  const waiting: number[] = [];
  let [answered, errors, slowestMs] = [0, 0, 0];
  const look = (index: number): void => {
    const latencyMs = log.latencyMs(index);
    if (Number.isNaN(latencyMs)) {
      waiting.push(index);
      return;
    }
    answered++;
    if (log.isError(index) && log.failure(index) !== 'unfinished') errors++;
    slowestMs = Math.max(slowestMs, latencyMs);
  };
  for (const index of seen.waiting) look(index);
  for (let index = seen.until; index < until; index++) look(index);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;
  const time = `${seconds(Math.min(atMs, durationMs))} of ${seconds(durationMs)}`;
  const next = { until, waiting };
  if (sent === 0 && atMs >= durationMs) {
    const rest = waiting.length === 0 ? 'all is answered' : `waiting for ${waiting.length} answers`;
    return { text: `${time}: ${rest}`, seen: next };
  }
  if (answered === 0) return { text: `${time}: ${sent} sent, 0 answered`, seen: next };
  const rest = `${sent} requests, ${errors} errors, slowest ${slowestMs.toFixed(0)} ms`;
  return { text: `${time}: ${rest}`, seen: next };
}

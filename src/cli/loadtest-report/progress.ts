/** Tells each second how far a load test is: in one line of a terminal, or in lines of a log. */

import type { Timer, Timers } from '../../base/timers.ts';
import type { LoadProgress } from '../../loadtest/run-loadtest.ts';

export interface ProgressOptions {
  readonly output: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly timers: Timers;
}

export function showProgress(
  load: LoadProgress,
  { output, timers }: ProgressOptions,
): { end(): void } {
  const isTerminal = output.isTTY === true;
  let seen = 0;
  let timer: Timer | null = null;
  const show = (): void => {
    const { line, until } = progressLine(load, seen);
    seen = until;
    output.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    timer = timers.set(1000, show);
  };
  timer = timers.set(1000, show);
  return {
    end: () => {
      timer?.cancel();
      if (isTerminal) output.write('\r\u001b[K');
    },
  };
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

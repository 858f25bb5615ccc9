/** What ends a command that would go on for ever: Ctrl-C, SIGTERM, or that nobody reads it. */

import { keepAlive, systemTimers } from '../base/timers.ts';

/** From now on these signals do not end the process: the command does, when it hears of it. */
export function interruption(): AbortController {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // Who reads the output may go before its end, as `head` does.
  process.stdout.on('error', interrupt);
  return controller;
}

/** Resolves after `ms` milliseconds, or as soon as `signal` says so. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const awake = keepAlive();
    const end = (): void => {
      awake.cancel();
      timer.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = systemTimers.set(ms, end);
    signal?.addEventListener('abort', end);
  });
}

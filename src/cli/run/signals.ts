/** Signals of a running proxy: SIGTERM and SIGINT drain, a second one stops; SIGHUP reloads. */

import type { RunningProxy } from '../../app.ts';
import { keepAlive } from '../../base/timers.ts';
import { exitCode } from '../exit-code.ts';

/**
 * Hears SIGHUP and SIGUSR1 from now on and heeds them when the proxy runs. Unheard, SIGHUP ends the
 * process, and SIGUSR1 opens a debugger to every user of the machine.
 */
export function hearSignals(running: Promise<RunningProxy>): void {
  process.on('SIGHUP', () => void running.then((proxy) => proxy.reload()));
  process.on('SIGUSR1', () => void running.then((proxy) => proxy.reopenLogs()));
}

/**
 * Resolves when the proxy was told to stop and has; rejects with the reason if it could not.
 * `onStop` is called when the drain begins. Until then the process lives, even one whose
 * configuration opens no listener: the next version of its files may.
 */
export function stopOnSignals(proxy: RunningProxy, onStop: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const awake = keepAlive();
    const stop = (): void => {
      if (stopping) process.exit(exitCode.ok);
      stopping = true;
      onStop();
      const stopped = proxy.stop().finally(() => awake.cancel());
      stopped.then(resolve, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    proxy.onQuit(stop);
  });
}

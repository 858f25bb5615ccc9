/** Signals of a running proxy: SIGTERM and SIGINT drain, a second one stops; SIGHUP reloads. */

import type { RunningProxy } from '../app.ts';
import { exitCode } from './exit-code.ts';

/** Resolves with the exit code when the proxy has ended. */
export function stopOnSignals(proxy: RunningProxy): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) process.exit(exitCode.ok);
      stopping = true;
      proxy.stop().then(
        () => resolve(exitCode.ok),
        () => resolve(exitCode.failure),
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('SIGHUP', () => void proxy.reload());
    process.on('SIGUSR1', () => void proxy.reopenLogs());
    proxy.onQuit(stop);
  });
}

/** Timers as a value that is handed in, so that tests decide when time passes. */

export interface Timer {
  /** Does nothing once the timer has fired. */
  cancel(): void;
}

export interface Timers {
  /** Calls back once, `ms` milliseconds from now at the earliest. */
  set(ms: number, callback: () => void): Timer;
}

/** Node's `setTimeout` fires at once for anything longer than this. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Timers of the process. None of them keeps it alive. Sockets are read before one fires: Node looks
 * at its timers first, and after a pause of the process an answer that had come in time would be
 * found behind its own timeout.
 */
export const systemTimers: Timers = {
  set(ms, callback) {
    let immediate: NodeJS.Immediate | null = null;
    const timeout = setTimeout(
      () => {
        immediate = setImmediate(callback);
      },
      Math.min(ms, longestDelayMs),
    );
    timeout.unref();
    return {
      cancel: () => {
        clearTimeout(timeout);
        if (immediate !== null) clearImmediate(immediate);
      },
    };
  },
};

/** Keeps the process alive, which no timer does, until it is cancelled. */
export function keepAlive(): Timer {
  const interval = setInterval(() => undefined, longestDelayMs);
  return { cancel: () => clearInterval(interval) };
}

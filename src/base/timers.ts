/** Timers as a value that is handed in, so that tests decide when time passes. */

import type { ManualClock } from './clock.ts';

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

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers that fire while `advance` moves their clock, in order of time and then of setting. */
export class ManualTimers implements Timers {
  readonly #clock: ManualClock;
  readonly #pending = new Set<Pending>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** How many timers are set. */
  get size(): number {
    return this.#pending.size;
  }

  set(ms: number, callback: () => void): Timer {
    const timer = { at: this.#clock.now() + ms, callback };
    this.#pending.add(timer);
    return { cancel: () => this.#pending.delete(timer) };
  }

  advance(ms: number): void {
    const end = this.#clock.now() + ms;
    for (let due = this.#firstUntil(end); due !== null; due = this.#firstUntil(end)) {
      this.#pending.delete(due);
      this.#clock.advance(Math.max(0, due.at - this.#clock.now()));
      due.callback();
    }
    this.#clock.advance(end - this.#clock.now());
  }

  #firstUntil(end: number): Pending | null {
    let first: Pending | null = null;
    for (const timer of this.#pending) {
      if (timer.at <= end && (first === null || timer.at < first.at)) first = timer;
    }
    return first;
  }
}

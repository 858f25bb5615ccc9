/** Timers that fire when a test lets time pass. */

import type { Timer, Timers } from '../../src/base/timers.ts';
import type { ManualClock } from './manual-clock.ts';

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

/** Time that a test moves. */

import type { Clock } from '../../src/base/clock.ts';

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #now: number;
  #wallAtZero: number;

  constructor(now = 0, wallAtZero = 0) {
    this.#now = now;
    this.#wallAtZero = wallAtZero;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wallAtZero + this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  /** The time of day is set, by so much. */
  setWallBy(ms: number): void {
    this.#wallAtZero += ms;
  }
}

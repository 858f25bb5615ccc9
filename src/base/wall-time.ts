/**
 * Wall time of moments on a clock that never goes back. Asking the system costs a call into V8's
 * runtime each time (0.1 µs of a request), so the distance between the two is measured once a
 * second: a wall clock that is set anew shows that late.
 */

import type { Clock } from './clock.ts';

/** How old a measured distance may be, milliseconds. */
const measureMs = 1000;

export class WallTime {
  readonly #clock: Clock;
  #distance = 0;
  /** Clock.now() when the distance was measured. */
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch, with fractions, at `now`: what Clock.now() has just returned. */
  at(now: number): number {
    if (now - this.#measuredAt >= measureMs) {
      this.#measuredAt = now;
      this.#distance = this.#clock.wall() - now;
    }
    return now + this.#distance;
  }
}

/** Time as a value that is handed in, so that tests can hold it still. */

// The global of that name is a getter, which costs as much as reading the clock.
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Milliseconds with fractions from an arbitrary start; never goes back. */
  now(): number;
  /** Milliseconds since the epoch, for people to read. */
  wall(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
};

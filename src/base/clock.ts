/** Time as a value that is handed in, so that tests can hold it still. */

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

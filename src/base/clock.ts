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

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #now: number;
  readonly #wallAtZero: number;

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
}

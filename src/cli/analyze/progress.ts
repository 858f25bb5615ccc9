/** What a command that takes long is doing, for a person who waits at a terminal. */

import { type Clock, systemClock } from '../../base/clock.ts';

/** Milliseconds after which somebody wonders. */
const patienceMs = 1000;
const eraseLine = '\r\u001b[K';

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Progress {
  readonly #output: ProgressOutput;
  readonly #clock: Clock;
  readonly #startMs: number;
  #isShown = false;

  constructor(output: ProgressOutput = process.stderr, clock: Clock = systemClock) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /** Says what begins now, if there was something to wait for already. */
  step(text: string): void {
    if (this.#output.isTTY !== true || this.#clock.now() - this.#startMs < patienceMs) return;
    this.#output.write(`${eraseLine}${text} ...`);
    this.#isShown = true;
  }

  /** Leaves nothing behind. */
  end(): void {
    if (this.#isShown) this.#output.write(eraseLine);
    this.#isShown = false;
  }
}

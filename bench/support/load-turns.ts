/**
 * Lets one of several loads go on at a time, some milliseconds each in an order drawn anew for each
 * round, so that each proxy has its core and its caches for itself for as long, and what else
 * happens on the machine hits all of them alike.
 */

import { setTimeout as pause } from 'node:timers/promises';

/** A start into cold caches takes less than a tenth of it. */
const turnMs = 40;
/** Until requests that a stopped load has sent are answered. */
const endOfTurnMs = 3;

export class LoadTurns {
  readonly #pids: number[] = [];
  readonly #count: number;
  #isOver = false;

  /** `count`: loads that take turns; the first turn begins when all of them are there. */
  constructor(count: number) {
    this.#count = count;
  }

  /** A load that has just been started. */
  add(pid: number): void {
    this.#pids.push(pid);
    if (this.#pids.length === this.#count) void this.#takeTurns();
    else signal(pid, 'SIGSTOP');
  }

  /** All go on: one that stays stopped would never end. */
  end(): void {
    this.#isOver = true;
    for (const pid of this.#pids) signal(pid, 'SIGCONT');
  }

  async #takeTurns(): Promise<void> {
    for (const pid of this.#pids) signal(pid, 'SIGSTOP');
    while (!this.#isOver) {
      for (const pid of shuffled(this.#pids)) {
        if (this.#isOver) break;
        signal(pid, 'SIGCONT');
        await pause(turnMs);
        signal(pid, 'SIGSTOP');
        await pause(endOfTurnMs);
      }
    }
    this.end();
  }
}

/** A load may have come to its end in its turn. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/**
 * Timers that are exact to about a tenth of a millisecond, where Node's fire one or two late: a
 * thread sleeps until the next one is due, and wakes this one. For measuring, not for serving.
 */

import { Worker } from 'node:worker_threads';
import { programModule } from './program-files.ts';
import type { Timer, Timers } from './timers.ts';

/** What the two threads share. */
export interface Alarm {
  /** Grows each time that `dueMs` changes. */
  readonly turn: Int32Array;
  /** One number, by `monotonicMs`: when to wake the other thread. */
  readonly dueMs: Float64Array;
}

/** By the clock of the machine, which threads share as `performance.now()` is not. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

interface Entry {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class FineTimers implements Timers {
  readonly #thread: Worker;
  readonly #alarm: Alarm;
  /** The next one is the last; of equals, that which was set first. */
  readonly #entries: Entry[] = [];
  #armedMs = Infinity;

  private constructor(thread: Worker, alarm: Alarm) {
    this.#thread = thread;
    this.#alarm = alarm;
    thread.on('message', () => this.#wake());
    // Like other timers, these keep no process alive.
    thread.unref();
  }

  /** Resolves when the thread runs. */
  static async start(): Promise<FineTimers> {
    const alarm: Alarm = {
      turn: new Int32Array(new SharedArrayBuffer(4)),
      dueMs: new Float64Array(new SharedArrayBuffer(8)).fill(Infinity),
    };
    const thread = new Worker(programModule('base/fine-timer-thread'), {
      workerData: alarm,
    });
    await new Promise<void>((resolve, reject) => {
      thread.once('online', resolve);
      thread.once('error', reject);
    });
    return new FineTimers(thread, alarm);
  }

  set(ms: number, callback: () => void): Timer {
    const entry: Entry = { dueMs: monotonicMs() + Math.max(0, ms), callback };
    this.#entries.splice(this.#placeOf(entry.dueMs), 0, entry);
    this.#arm();
    return { cancel: () => this.#remove(entry) };
  }

  /** No timer fires any more. */
  async stop(): Promise<void> {
    this.#entries.length = 0;
    await this.#thread.terminate();
  }

  /** In front of all that are due at `dueMs` or earlier. */
  #placeOf(dueMs: number): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as Entry).dueMs > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #remove(entry: Entry): void {
    // The thread may wake for it all the same, and nothing is due then.
    const start = this.#placeOf(entry.dueMs);
    const place = this.#entries.indexOf(entry, start);
    if (place >= 0) this.#entries.splice(place, 1);
  }

  #wake(): void {
    // What is set meanwhile is armed at the end, and has its turn after sockets were looked at.
    this.#armedMs = -Infinity;
    const now = monotonicMs();
    try {
      for (let next = this.#entries.at(-1); next !== undefined; next = this.#entries.at(-1)) {
        if (next.dueMs > now) break;
        this.#entries.pop();
        next.callback();
      }
    } finally {
      this.#armedMs = Infinity;
      this.#arm();
    }
  }

  #arm(): void {
    const next = this.#entries.at(-1);
    if (next === undefined || next.dueMs >= this.#armedMs) return;
    this.#armedMs = next.dueMs;
    this.#alarm.dueMs[0] = next.dueMs;
    Atomics.add(this.#alarm.turn, 0, 1);
    Atomics.notify(this.#alarm.turn, 0);
  }
}

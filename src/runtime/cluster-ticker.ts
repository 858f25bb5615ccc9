/** Calls clusters when their interval work is due: returns from ejection, cleaning up. */

import type { Clock } from '../base/clock.ts';
import type { Timer, Timers } from '../base/timers.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';

/** Work of clusters is looked for this often at least. */
const intervalMs = 1000;

export class ClusterTicker {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #clusters: () => Iterable<LiveCluster>;
  #timer: Timer | null = null;

  constructor(clock: Clock, timers: Timers, clusters: () => Iterable<LiveCluster>) {
    this.#clock = clock;
    this.#timers = timers;
    this.#clusters = clusters;
  }

  start(): void {
    this.#timer = this.#timers.set(this.#nextDelayMs(), () => {
      this.#tick();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const cluster of this.#clusters()) {
      if (cluster.nextTickAt <= now) cluster.tick(now);
    }
  }

  /** Until the first cluster is due, but never longer than a second: ejections may come any time. */
  #nextDelayMs(): number {
    const now = this.#clock.now();
    let due = now + intervalMs;
    for (const cluster of this.#clusters()) due = Math.min(due, cluster.nextTickAt);
    return Math.max(1, Math.ceil(due - now));
  }
}

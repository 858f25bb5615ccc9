/** The pressure on one resource: what is used over what there may be. */

import type { ResourceMonitor } from './monitors.ts';

export class Pressure {
  readonly monitor: ResourceMonitor;
  /** As measured last; 0 nothing is used, 1 all. */
  current = 0;
  /** Measurements that failed. */
  failed = 0;
  /** The last ones, as many as thresholds go by. */
  readonly #recent: number[] = [];
  #kept = 1;

  constructor(monitor: ResourceMonitor) {
    this.monitor = monitor;
  }

  /** How many measurements a threshold holds for, so that it does not flap. */
  set kept(count: number) {
    this.#kept = count;
  }

  refresh(): void {
    const used = this.monitor.measure();
    if (used === null) this.failed++;
    else this.current = used / this.monitor.max;
    this.#recent.push(this.current);
    while (this.#recent.length > this.#kept) this.#recent.shift();
  }

  /** The highest of the last ones: what thresholds go by. */
  get peak(): number {
    return Math.max(0, ...this.#recent);
  }
}

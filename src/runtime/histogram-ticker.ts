/** Ends the interval of histograms again and again, as Envoy flushes its statistics. */

import type { Timer, Timers } from '../base/timers.ts';
import type { MetricsRegistry } from '../telemetry/metrics/metrics.ts';

/** Envoy's stats_flush_interval. */
const intervalMs = 5_000;

export class HistogramTicker {
  readonly #registry: MetricsRegistry;
  readonly #timers: Timers;
  #timer: Timer | null = null;

  constructor(registry: MetricsRegistry, timers: Timers) {
    this.#registry = registry;
    this.#timers = timers;
  }

  start(): void {
    this.#timer = this.#timers.set(intervalMs, () => {
      this.#registry.endInterval();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

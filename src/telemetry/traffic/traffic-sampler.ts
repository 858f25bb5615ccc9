/**
 * Remembers for some minutes what Istio's metrics counted, in steps of ten seconds, so that the
 * traffic graph can tell rates. A step keeps only the edges on which something passed.
 */

import type { Clock } from '../../base/clock.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type { MetricsRegistry } from '../metrics/metrics.ts';
import { buildTrafficGraph, type TrafficGrouping } from './build-traffic-graph.ts';
import { EdgeCounts } from './edge-counts.ts';
import type { EdgeIdentity } from './traffic-edge.ts';
import type { TrafficGraph } from './traffic-graph.ts';
import { TrafficReading } from './traffic-reading.ts';

export const sampleIntervalMs = 10_000;
/** The longest window that can be asked for. */
export const maxWindowMs = 600_000;

export interface TrafficSample {
  /** Clock.now() at its begin and end: the time of day may be set meanwhile. */
  readonly from: number;
  readonly to: number;
  readonly edges: ReadonlyMap<EdgeIdentity, EdgeCounts>;
}

export class TrafficSampler {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #reading: TrafficReading;
  /** The oldest first. */
  #samples: TrafficSample[] = [];
  #sampledAt: number;
  #timer: Timer | null = null;

  constructor(registry: MetricsRegistry, clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.#reading = new TrafficReading(registry);
    this.#sampledAt = clock.now();
  }

  start(): void {
    this.#timer = this.#timers.set(sampleIntervalMs, () => {
      this.#sample();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** What passed within the window before now, to the step; at least the last whole step. */
  graph(windowMs: number, grouping: TrafficGrouping): TrafficGraph {
    const to = this.#clock.now();
    const kept = this.#samples.filter((sample) => sample.to > to - windowMs);
    const current = { from: this.#sampledAt, to, edges: this.#reading.read('look') };
    const edges = new Map<EdgeIdentity, EdgeCounts>();
    for (const sample of [...kept, current]) {
      for (const [identity, counts] of sample.edges) {
        const sum = edges.get(identity) ?? new EdgeCounts();
        sum.add(counts);
        edges.set(identity, sum);
      }
    }
    const wall = this.#clock.wall();
    const from = Math.round(wall - (to - (kept[0]?.from ?? current.from)));
    return buildTrafficGraph({ from, to: wall, edges }, grouping);
  }

  #sample(): void {
    const to = this.#clock.now();
    const edges = this.#reading.read('take');
    this.#samples.push({ from: this.#sampledAt, to, edges });
    this.#samples = this.#samples.filter((sample) => sample.to > to - maxWindowMs);
    this.#sampledAt = to;
  }
}

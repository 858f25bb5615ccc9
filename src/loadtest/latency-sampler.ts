/** Draws from the latency distributions of synthetic workloads. */

import type { Random } from '../base/random.ts';
import { normalQuantile } from './normal-quantile.ts';
import type { Latency } from './synthetic-upstream.ts';

/** Milliseconds, at least 0. */
export type LatencySampler = (random: Random) => number;

export function latencySampler(latency: Latency): LatencySampler {
  switch (latency.kind) {
    case 'fixed':
      return () => latency.ms;
    case 'normal':
      return (random) =>
        Math.max(0, latency.meanMs + latency.deviationMs * normalQuantile(openFraction(random)));
    case 'lognormal': {
      const sigma = Math.log(latency.p99Ms / latency.medianMs) / normalQuantile(0.99);
      return (random) => latency.medianMs * Math.exp(sigma * normalQuantile(openFraction(random)));
    }
    case 'exponential':
      return (random) => -latency.meanMs * Math.log(openFraction(random));
    case 'percentiles':
      return (random) => interpolated(latency.points, 100 * random.fraction());
  }
}

/** Uniform in (0, 1). */
function openFraction(random: Random): number {
  return (random.uint32() + 0.5) / 4294967296;
}

function interpolated(
  points: readonly { readonly percentile: number; readonly ms: number }[],
  percentile: number,
): number {
  let below = points[0] ?? { percentile: 0, ms: 0 };
  for (const point of points) {
    if (point.percentile >= percentile) {
      const width = point.percentile - below.percentile;
      const part = width === 0 ? 0 : (percentile - below.percentile) / width;
      return below.ms + part * (point.ms - below.ms);
    }
    below = point;
  }
  return below.ms;
}

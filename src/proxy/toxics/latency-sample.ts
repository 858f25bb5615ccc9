/** Draws a latency from its distribution, by inversion where there is a closed form. */

import { unreachable } from '../../base/assert.ts';
import type { Random } from '../../base/random.ts';
import type { LatencyDistribution } from '../../model/toxic.ts';

/** Milliseconds, with fractions; 0 or more. */
export function sampleLatencyMs(distribution: LatencyDistribution, random: Random): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.fixedMs;
    case 'uniform': {
      const { minMs, maxMs } = distribution;
      return minMs + random.fraction() * (maxMs - minMs);
    }
    case 'normal': {
      const { meanMs, stdDevMs, maxMs } = distribution;
      return Math.min(maxMs, Math.max(0, meanMs + stdDevMs * standardNormal(random)));
    }
    case 'exponential':
      return Math.min(distribution.maxMs, -distribution.meanMs * Math.log(positive(random)));
    case 'pareto': {
      const { minMs, shape, maxMs } = distribution;
      return Math.min(maxMs, minMs / positive(random) ** (1 / shape));
    }
    default:
      return unreachable(distribution);
  }
}

/** Box and Muller, 1958. The second of its two values is not kept: draws stay without state. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(positive(random)));
  return radius * Math.cos(2 * Math.PI * random.fraction());
}

/** Uniform in (0, 1]: safe for logarithms and as a divisor. */
function positive(random: Random): number {
  return 1 - random.fraction();
}

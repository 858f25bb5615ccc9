/** Which of a route's clusters a request goes to. */

import type { Random } from '../base/random.ts';
import type { WeightedCluster } from '../model/route.ts';
import type { CompiledForward } from './compiled-route.ts';

/** In proportion to the weights, whatever their sum. A single cluster draws no randomness. */
export function chooseCluster(action: CompiledForward, random: Random): WeightedCluster {
  const { clusters } = action;
  const last = clusters.length - 1;
  if (last === 0) return clusters[0] as WeightedCluster;
  let point = random.fraction() * action.totalWeight;
  for (let i = 0; i < last; i++) {
    const cluster = clusters[i] as WeightedCluster;
    point -= cluster.weight;
    if (point < 0) return cluster;
  }
  return clusters[last] as WeightedCluster;
}

/**
 * Weights and consistent hashing together: which of a route's clusters a request's hash chooses.
 *
 * Weighted rendezvous hashing: the hash and the cluster's name make a number u in (0, 1], and the
 * cluster with the lowest `-ln(u) / weight` wins. Shares are those of the weights, and a change of
 * weights moves only keys that leave a cluster whose share fell or enter one whose share rose.
 */

import type { Hash64 } from '../base/xxhash64.ts';
import type { ForwardAction, WeightedCluster } from '../model/route.ts';
import type { CompiledForward } from './compiled-route.ts';
import { computeHash, type HashRequest, type HashTools } from './request-hash.ts';
import { chooseCluster } from './weighted-choice.ts';

/**
 * One for each cluster: its name, so that the order of the file does not matter. null where there
 * is nothing to choose or to hash.
 */
export function stickySeeds(action: ForwardAction): readonly string[] | null {
  const { stickyWeights, clusters, hashPolicies } = action;
  if (!stickyWeights || clusters.length < 2 || hashPolicies.length === 0) return null;
  const times = new Map<string, number>();
  return clusters.map(({ cluster }) => {
    const time = times.get(cluster) ?? 0;
    times.set(cluster, time + 1);
    // A cluster may stand there twice, with other headers: each has a share of its own.
    return time === 0 ? cluster : `${cluster}#${time}`;
  });
}

/** For actions with `stickySeeds`. A request with nothing to hash goes anywhere, by weight. */
export function chooseStickyCluster(
  action: CompiledForward,
  request: HashRequest,
  tools: HashTools,
): WeightedCluster {
  const { hash } = computeHash(action, request, tools.hash64);
  return hash === null
    ? chooseCluster(action, tools.random)
    : clusterOfHash(action, hash, tools.hash64);
}

/**
 * The request's hash is the seed of another hash instead of a part of the sum: load balancers use
 * it as it is, and inside the chosen cluster it must still be evenly spread.
 */
export function clusterOfHash(
  { clusters, stickySeeds: seeds }: CompiledForward,
  hash: bigint,
  hash64: Hash64,
): WeightedCluster {
  let best = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; seeds !== null && i < seeds.length; i++) {
    const mixed = hash64.hash(seeds[i] as string, hash);
    const score = -Math.log(unitInterval(mixed)) / (clusters[i] as WeightedCluster).weight;
    if (score >= lowest) continue;
    lowest = score;
    best = i;
  }
  return clusters[best] as WeightedCluster;
}

/** The upper 53 bits as a number in (0, 1]: zero would have no logarithm. */
function unitInterval(hash: bigint): number {
  return (Number(hash >> 11n) + 1) / 2 ** 53;
}

/** Live clusters for tests, with virtual time and a seeded choice. */

import { SeededRandom } from '../../src/base/random.ts';
import { type Hash64, loadXxHash64 } from '../../src/base/xxhash64.ts';
import { LiveCluster } from '../../src/cluster/live-cluster.ts';
import { LiveEndpoint } from '../../src/cluster/live-endpoint.ts';
import type { LoadBalancerContext } from '../../src/cluster/load-balancing/load-balancer-context.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { clusterModel, endpointModels } from '../support/cluster-models.ts';
import { ManualClock } from '../support/manual-clock.ts';

export const hash64: Hash64 = await loadXxHash64();

export const anyEndpoint: LoadBalancerContext = {
  hash: null,
  tried: null,
  maxAttempts: 5,
  previousPriorities: null,
  destination: null,
  limits: defaultLimits,
};

export function liveEndpoints(count: number): LiveEndpoint[] {
  return endpointModels(count).map(({ address, port }) => new LiveEndpoint('a', address, port));
}

export class ClusterFixture {
  readonly clock = new ManualClock(1_000);
  readonly random = new SeededRandom(7);

  /** A cluster that has taken the place of `previous`. */
  create(overrides: Partial<Cluster> = {}, previous: LiveCluster | null = null): LiveCluster {
    const cluster = this.prepare(overrides, previous);
    cluster.adopt(previous);
    return cluster;
  }

  /** A cluster that is to take the place of `previous`. */
  prepare(overrides: Partial<Cluster>, previous: LiveCluster | null): LiveCluster {
    return new LiveCluster(clusterModel(overrides), previous, {
      clock: this.clock,
      random: this.random,
      hash64,
    });
  }

  /** Ports chosen in `count` choices, with how often. */
  tally(cluster: LiveCluster, count: number): Map<number, number> {
    const chosen = new Map<number, number>();
    for (let index = 0; index < count; index++) {
      const port = cluster.chooseEndpoint(anyEndpoint)?.port ?? 0;
      chosen.set(port, (chosen.get(port) ?? 0) + 1);
    }
    return chosen;
  }

  /** Passes time and lets the cluster do its interval work, as its owner would. */
  advance(cluster: LiveCluster, ms: number): void {
    const end = this.clock.now() + ms;
    while (cluster.nextTickAt <= end) {
      this.clock.advance(cluster.nextTickAt - this.clock.now());
      cluster.tick(this.clock.now());
    }
    this.clock.advance(end - this.clock.now());
  }
}

/** The endpoint on that port; it must be there. */
export function endpointAt(cluster: LiveCluster, port: number): LiveEndpoint {
  const found = cluster.endpoints.find((endpoint) => endpoint.port === port);
  if (found === undefined) throw new Error(`no endpoint on port ${port}`);
  return found;
}

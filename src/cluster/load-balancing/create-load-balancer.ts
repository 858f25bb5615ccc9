/** Policy names to balancers. */

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Hash64 } from '../../base/xxhash64.ts';
import type { LoadBalancerPolicy, SlowStart } from '../../model/cluster-policy.ts';
import { LeastRequest } from './least-request.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { Maglev } from './maglev.ts';
import { RandomBalancer } from './random-balancer.ts';
import { RingHash } from './ring-hash.ts';
import { RoundRobin } from './round-robin.ts';
import { SlowStartRamp } from './slow-start.ts';

export interface BalancerDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly hash64: Hash64;
}

export function createLoadBalancer(
  policy: LoadBalancerPolicy,
  dependencies: BalancerDependencies,
): LoadBalancer {
  const { clock, random, hash64 } = dependencies;
  const ramp = (settings: SlowStart | null) =>
    settings === null ? null : new SlowStartRamp(settings, clock);
  switch (policy.policy) {
    case 'ROUND_ROBIN':
      return new RoundRobin(ramp(policy.slowStart), random);
    case 'LEAST_REQUEST':
      return new LeastRequest(ramp(policy.slowStart), random);
    case 'RING_HASH':
      return new RingHash(policy.minimumRingSize, hash64);
    case 'MAGLEV':
      return new Maglev(policy.tableSize, hash64);
    case 'RANDOM':
    // With endpoints of its own, such a cluster has nothing to prefer one of them by.
    case 'CLUSTER_PROVIDED':
      return new RandomBalancer(random);
  }
}

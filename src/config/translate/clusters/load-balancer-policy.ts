/** Istio's loadBalancer block in Envoy's words. */

import { parseDuration } from '../../../base/duration.ts';
import type { LoadBalancerPolicy, SlowStart } from '../../../model/cluster-policy.ts';
import type { ConsistentHash, LoadBalancerSettings } from '../../schema/load-balancer.ts';

const envoyTableSize = 65_537;
const defaultRingSize = 1024;

export function translateLoadBalancer(
  settings: LoadBalancerSettings | undefined,
): LoadBalancerPolicy {
  if (settings?.consistentHash !== undefined) return hashPolicy(settings.consistentHash);
  switch (settings?.simple) {
    case 'ROUND_ROBIN':
      return { policy: 'ROUND_ROBIN', slowStart: translateWarmup(settings) };
    case 'RANDOM':
      return { policy: 'RANDOM' };
    case 'PASSTHROUGH':
      return { policy: 'CLUSTER_PROVIDED' };
    default:
      // UNSPECIFIED and LEAST_CONN are other names for it, and it is Istio's default.
      return {
        policy: 'LEAST_REQUEST',
        slowStart: settings === undefined ? null : translateWarmup(settings),
      };
  }
}

function hashPolicy(hash: ConsistentHash): LoadBalancerPolicy {
  if (hash.maglev !== undefined) {
    const tableSize = hash.maglev.tableSize ?? 0;
    return { policy: 'MAGLEV', tableSize: tableSize === 0 ? envoyTableSize : tableSize };
  }
  // The old field counts only where there is no ringHash at all.
  const { minimumRingSize: size = 0 } = hash.ringHash ?? hash;
  return { policy: 'RING_HASH', minimumRingSize: size === 0 ? defaultRingSize : size };
}

function translateWarmup(settings: LoadBalancerSettings): SlowStart | null {
  const windowMs = parseDuration(settings.warmup?.duration ?? settings.warmupDurationSecs ?? '0s');
  if (windowMs === null || windowMs <= 0) return null;
  return {
    windowMs,
    aggression: settings.warmup?.aggression ?? 1,
    minWeightPercent: settings.warmup?.minimumPercent ?? 10,
  };
}

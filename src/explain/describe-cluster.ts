/** One cluster that traffic may go to, with its endpoints and how they are used. */

import type { LiveCluster } from '../cluster/live-cluster.ts';
import { endpointKey } from '../cluster/live-endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Limits } from '../model/limits.ts';
import { describeClusterPolicy } from './describe-cluster-policy.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { describeOrigin } from './describe-origin.ts';
import type { ExplainedCluster } from './explained-target.ts';

/** `cluster` null: there is none of that name. */
export function describeCluster(
  name: string,
  cluster: LiveCluster | null,
): Omit<ExplainedCluster, 'percent' | 'hashedEndpoint'> {
  const [, , subset = ''] = name.split('|');
  const known = { cluster: name, exists: cluster !== null, subset };
  if (cluster === null) {
    return { ...known, origin: null, policy: [], discovery: null, names: [], endpoints: [] };
  }
  const { model, endpoints } = cluster;
  return {
    ...known,
    origin: describeOrigin(model.origin),
    policy: describeClusterPolicy(model),
    discovery: model.discovery,
    names: namesOf(model),
    endpoints: endpoints.map(describeEndpoint),
  };
}

function namesOf({ discovery, endpoints }: Cluster): string[] {
  const isByName = discovery === 'strict-dns' || discovery === 'logical-dns';
  return isByName ? endpoints.map(({ address, port }) => endpointKey(address, port)) : [];
}

/** null: any endpoint will do, or none can be used. */
export function hashedEndpoint(
  cluster: LiveCluster,
  hash: bigint | null,
  limits: Limits,
): string | null {
  const { policy } = cluster.model.loadBalancer;
  const isHashed = policy === 'RING_HASH' || policy === 'MAGLEV';
  // Its own counters must not tell of traffic that nobody sent.
  if (!isHashed || hash === null || cluster.membershipHealthy === 0) return null;
  const endpoint = cluster.chooseEndpoint({
    hash,
    tried: null,
    maxAttempts: 1,
    previousPriorities: null,
    destination: null,
    limits,
  });
  return endpoint?.key ?? null;
}

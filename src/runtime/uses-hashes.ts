/** Whether anything of a mesh is chosen by a hash. */

import type { Cluster } from '../model/cluster.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Route } from '../model/route.ts';

export function usesHashes({ clusters, listeners, routeTables }: Mesh): boolean {
  return (
    clusters.some(balancesByHash) ||
    listeners.some(({ filterChains }) => filterChains.some(hashesConnections)) ||
    routeTables.some(({ virtualHosts }) => virtualHosts.some(({ routes }) => routes.some(isHashed)))
  );
}

function balancesByHash({ loadBalancer: { policy } }: Cluster): boolean {
  return policy === 'RING_HASH' || policy === 'MAGLEV';
}

function hashesConnections(chain: FilterChain): boolean {
  return chain.kind === 'tcp' && chain.tcp.hashSourceIp;
}

function isHashed({ action }: Route): boolean {
  return action.kind === 'forward' && (action.stickyWeights || action.hashPolicies.length > 0);
}

/** What workers count of endpoints, added up in the clusters of the primary. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';

const totals = [
  'requestsTotal',
  'requestsSuccess',
  'requestsError',
  'requestsTimeout',
  'connectionsTotal',
  'connectFailures',
] as const;
const open = ['activeRequests', 'requestsPending', 'connectionsActive'] as const;

type Counts = Record<(typeof totals)[number] | (typeof open)[number], number>;

export interface EndpointCounts extends Readonly<Counts> {
  readonly cluster: string;
  /** `address:port`. */
  readonly key: string;
}

/** Those that had anything to do. */
export function countsOf(clusters: Iterable<LiveCluster>): EndpointCounts[] {
  const found: EndpointCounts[] = [];
  for (const { endpoints } of clusters) {
    for (const endpoint of endpoints) {
      if (endpoint.connectionsTotal + endpoint.requestsTotal > 0) found.push(read(endpoint));
    }
  }
  return found;
}

/** `counts` of a worker that is gone: nothing of it is open. */
export function ofThePast(counts: readonly EndpointCounts[]): EndpointCounts[] {
  return counts.map((each) => ({
    ...each,
    ...Object.fromEntries(open.map((field) => [field, 0])),
  }));
}

/** One entry for each endpoint. */
export function sumCounts(all: readonly EndpointCounts[]): EndpointCounts[] {
  const sums = new Map<string, EndpointCounts & Counts>();
  for (const counts of all) {
    const { cluster, key } = counts;
    const sum = sums.get(`${cluster} ${key}`);
    if (sum === undefined) sums.set(`${cluster} ${key}`, { ...counts });
    else for (const field of [...totals, ...open]) sum[field] += counts[field];
  }
  return [...sums.values()];
}

/** `sums` has one entry for each endpoint. */
export function fillIn(
  clusters: ReadonlyMap<string, LiveCluster>,
  sums: readonly EndpointCounts[],
): void {
  const byKey = new Map(sums.map((sum) => [`${sum.cluster} ${sum.key}`, sum]));
  for (const cluster of clusters.values()) {
    for (const endpoint of cluster.endpoints) {
      const sum = byKey.get(`${cluster.name} ${endpoint.key}`);
      if (sum === undefined) continue;
      for (const field of [...totals, ...open]) endpoint[field] = sum[field];
      if (sum.connectionsTotal > 0) cluster.stats.hasTrafficElsewhere = true;
    }
  }
}

function read(endpoint: LiveEndpoint): EndpointCounts {
  const counts = Object.fromEntries(
    [...totals, ...open].map((field) => [field, endpoint[field]]),
  ) as Counts;
  return { cluster: endpoint.clusterName, key: endpoint.key, ...counts };
}

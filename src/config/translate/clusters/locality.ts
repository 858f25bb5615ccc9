/**
 * Preference for near endpoints: priorities for failover, weights for distribution (Istio
 * loadbalancer.go).
 */

import { ownValue } from '../../../base/own-value.ts';
import type { Endpoint } from '../../../model/endpoint.ts';
import { type Locality, localityKey } from '../../../model/locality.ts';
import type { ProxyIdentity } from '../../../model/proxy-identity.ts';
import { parseLocality, type RegistryEndpoint } from '../../registry/service.ts';
import { topologyLabel, withTopology } from '../../registry/topology-labels.ts';
import type { LocalityLbSetting } from '../../schema/load-balancer.ts';

export interface LocalityOptions {
  readonly proxy: ProxyIdentity;
  readonly setting: LocalityLbSetting | null;
  /**
   * Without outlier detection Envoy would never leave the first priority, so Istio makes only one.
   */
  readonly canFailOver: boolean;
}

/** What `trafficDistribution` of a Service asks for. */
export const preferNear: Readonly<Record<'zone' | 'node', LocalityLbSetting>> = {
  zone: { failoverPriority: [topologyLabel.network, topologyLabel.region, topologyLabel.zone] },
  node: {
    failoverPriority: [
      topologyLabel.network,
      topologyLabel.region,
      topologyLabel.zone,
      topologyLabel.subzone,
      topologyLabel.node,
    ],
  },
};

export function placeEndpoints(
  endpoints: readonly RegistryEndpoint[],
  options: LocalityOptions,
): Endpoint[] {
  const { proxy, setting } = options;
  if (setting?.enabled === false) return endpoints.map(plain);
  const distribution = setting?.distribute;
  if (distribution !== undefined && distribution.length > 0) {
    const shares = distribution.find(({ from }) => covers(from ?? '', proxy.locality));
    return shares === undefined ? endpoints.map(plain) : distribute(endpoints, shares.to ?? {});
  }
  if (!options.canFailOver) return endpoints.map(plain);
  const placed = withPriorities(endpoints, rankFor(proxy, setting));
  // Istio has Envoy weigh localities where it was told of failover, and not for its own default.
  const isExplicit = setting?.failover !== undefined || setting?.failoverPriority !== undefined;
  return isExplicit ? withLocalityWeights(placed) : placed;
}

type Rank = (endpoint: RegistryEndpoint) => number;

/** Labels first; regions to fail over to then tell apart those that are equal in them. */
function rankFor(proxy: ProxyIdentity, setting: LocalityLbSetting | null): Rank {
  const place: Rank = ({ locality }) => localityRank(locality, proxy.locality, setting);
  const order = setting?.failoverPriority ?? [];
  if (order.length === 0) return place;
  const labels: Rank = (endpoint) => labelRank(endpoint, proxy, order);
  if ((setting?.failover ?? []).length === 0) return labels;
  return (endpoint) => labels(endpoint) * localityRanks + place(endpoint);
}

function plain(endpoint: RegistryEndpoint): Endpoint {
  const { address, port, weight, locality, workload } = endpoint;
  return { address, port, weight, locality, priority: 0, workload, localityWeight: null };
}

/** Ranks without gaps, as Envoy asks for. */
function withPriorities(endpoints: readonly RegistryEndpoint[], rank: Rank): Endpoint[] {
  const ranks = endpoints.map(rank);
  const used = [...new Set(ranks)].sort((a, b) => a - b);
  const priorities = new Map(used.map((value, priority) => [value, priority]));
  return endpoints.map((endpoint, index) => ({
    ...plain(endpoint),
    priority: priorities.get(ranks[index] ?? 0) ?? 0,
  }));
}

const localityRanks = 5;

/** 0 the same subzone, 1 zone, 2 region, 3 elsewhere, 4 elsewhere but not where failover points. */
function localityRank(
  endpoint: Locality,
  proxy: Locality,
  setting: LocalityLbSetting | null,
): number {
  if (endpoint.region === proxy.region) {
    if (endpoint.zone !== proxy.zone) return 2;
    return endpoint.subzone === proxy.subzone ? 0 : 1;
  }
  const failover = setting?.failover?.find(({ from }) => from === proxy.region);
  return failover === undefined || failover.to === endpoint.region ? 3 : 4;
}

/** How many labels, from the first on, differ; `label=value` names the value to compare with. */
function labelRank(
  endpoint: RegistryEndpoint,
  proxy: ProxyIdentity,
  order: readonly string[],
): number {
  const own = withTopology(proxy.labels, proxy);
  for (const [index, entry] of order.entries()) {
    const [label = '', value] = entry.split('=');
    // A label that is missing is as good as an empty one.
    const wanted = value ?? ownValue(own, label) ?? '';
    if (wanted !== (ownValue(endpoint.labels, label) ?? '')) return order.length - index;
  }
  return 0;
}

/** A locality weighs as much as its endpoints of that priority together. */
function withLocalityWeights(endpoints: readonly Endpoint[]): Endpoint[] {
  const key = (endpoint: Endpoint) => `${endpoint.priority} ${localityKey(endpoint.locality)}`;
  const sums = sumWeights(endpoints, key);
  return endpoints.map((endpoint) => ({
    ...endpoint,
    localityWeight: sums.get(key(endpoint)) ?? 1,
  }));
}

function sumWeights<E extends { readonly weight: number }>(
  endpoints: readonly E[],
  key: (endpoint: E) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const endpoint of endpoints) {
    sums.set(key(endpoint), (sums.get(key(endpoint)) ?? 0) + endpoint.weight);
  }
  return sums;
}

/**
 * Shares are of localities, whatever becomes of some of their endpoints; several that one pattern
 * covers have its share by their weights. Endpoints of localities that are not listed get nothing.
 */
function distribute(
  endpoints: readonly RegistryEndpoint[],
  shares: Readonly<Record<string, number>>,
): Endpoint[] {
  const weights = new Map<string, number>();
  for (const [pattern, share] of Object.entries(shares)) {
    const members = endpoints.filter(
      (endpoint) =>
        covers(pattern, endpoint.locality) && !weights.has(localityKey(endpoint.locality)),
    );
    const sums = sumWeights(members, ({ locality }) => localityKey(locality));
    const total = members.reduce((sum, { weight }) => sum + weight, 0);
    for (const [locality, sum] of sums) weights.set(locality, Math.ceil((sum * share) / total));
  }
  return endpoints.flatMap((endpoint) => {
    const localityWeight = weights.get(localityKey(endpoint.locality)) ?? 0;
    return localityWeight === 0 ? [] : [{ ...plain(endpoint), localityWeight }];
  });
}

/** `region`, `region/zone`, `region/*`: parts that are left out, and `*`, stand for any. */
function covers(pattern: string, locality: Locality): boolean {
  const { region, zone, subzone } = parseLocality(pattern);
  return (
    partCovers(region, locality.region) &&
    partCovers(zone, locality.zone) &&
    partCovers(subzone, locality.subzone)
  );
}

function partCovers(pattern: string, value: string): boolean {
  return pattern === '' || pattern === '*' || pattern === value;
}

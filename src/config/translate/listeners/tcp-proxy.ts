/** Where the bytes of a connection go: Envoy's TCP proxy as Istio sets it up (networkfilter.go). */

import type { TcpProxy } from '../../../model/tcp-proxy.ts';
import type { RegistryService } from '../../registry/service.ts';
import type { RouteDestination } from '../../schema/connection-route.ts';
import { clusterName } from '../clusters/clusters.ts';
import { durationOr, positiveDurationOr } from '../durations.ts';
import { destinationCluster } from '../routes/route-action.ts';
import type { MergedDestinationRule } from '../rules/destination-rules.ts';
import { findService, type Scope } from '../scope.ts';

const hourMs = 3_600_000;

/** To the destinations of a rule, by weight; null where none gets any connection. */
export function proxyToDestinations(
  scope: Scope,
  destinations: readonly RouteDestination[],
  listenerPort: number,
): TcpProxy | null {
  const [first] = destinations;
  if (first === undefined) return null;
  const isChoice = destinations.length > 1;
  const used = isChoice ? destinations.filter(({ weight = 0 }) => weight > 0) : [first];
  if (used.length === 0) return null;
  // Unlike requests, connections to a service with one port go there from any listener.
  const context = { scope, role: 'gateway', listenerPort } as const;
  const service = findService(scope, first.destination.host);
  const rule = service === null ? null : scope.destinationRules.for(service);
  return {
    clusters: used.map(({ destination, weight = 0 }) => ({
      cluster: destinationCluster(destination, context),
      weight: isChoice ? weight : 1,
    })),
    ...settingsOf(rule, isChoice ? '' : (first.destination.subset ?? '')),
  };
}

/** To a service that no rule speaks of. */
export function proxyToService(scope: Scope, service: RegistryService, port: number): TcpProxy {
  return {
    clusters: [{ cluster: clusterName(service.host, port), weight: 1 }],
    ...settingsOf(scope.destinationRules.for(service), ''),
  };
}

/** To a cluster that no DestinationRule is for. */
export function proxyToCluster(cluster: string): TcpProxy {
  return { clusters: [{ cluster, weight: 1 }], ...settingsOf(null, '') };
}

/**
 * What the proxy takes from the DestinationRule of the (first) destination. Of its blocks Istio
 * looks here at that of the rule alone, and at the load balancer of the subset.
 */
function settingsOf(rule: MergedDestinationRule | null, subsetName: string) {
  const policy = rule?.trafficPolicy;
  const { tcp } = policy?.connectionPool ?? {};
  const ofSubset = rule?.subsets.get(subsetName)?.spec.trafficPolicy?.loadBalancer;
  const loadBalancer = ofSubset ?? policy?.loadBalancer;
  return {
    // Zero is a setting here: no limit.
    idleTimeoutMs: Math.max(0, durationOr(tcp?.idleTimeout, hourMs)),
    maxConnectionDurationMs: positiveDurationOr(tcp?.maxConnectionDuration, 0),
    hashSourceIp: loadBalancer?.consistentHash?.useSourceIp ?? false,
  };
}

/** /api/v1/clusters and /api/v1/endpoints. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { describeEndpoint } from '../../explain/describe-endpoint.ts';
import { describeOrigin } from '../../explain/describe-origin.ts';
import { clusterSamples } from '../../runtime/cluster-samples.ts';
import { type AdminEndpoint, parameter } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';
import { answer } from './answers.ts';
import type { ClusterList, ClusterState, EndpointList } from './schema/clusters.ts';

const oneCluster = parameter('cluster', 'name of the only cluster to list');

export const clusterList: AdminEndpoint = {
  path: '/api/v1/clusters',
  mutation: false,
  tellsCounts: true,
  help: 'list the clusters with limits, policies and counters, as JSON',
  parameters: [oneCluster],
  handle: ({ query }, state) => {
    const counters = state.workers().length === 0 ? null : countersByPrefix(state);
    const list: ClusterList = {
      clusters: wanted(state, query).map((cluster) => describeCluster(cluster, counters)),
    };
    return answer(list);
  },
};

export const endpointList: AdminEndpoint = {
  path: '/api/v1/endpoints',
  mutation: false,
  tellsCounts: true,
  help: 'list the endpoints with health, load and workload, as JSON',
  parameters: [oneCluster],
  handle: ({ query }, state) => {
    const endpoints = wanted(state, query).flatMap((cluster) => cluster.endpoints);
    const list: EndpointList = { endpoints: endpoints.map(describeEndpoint) };
    return answer(list);
  },
};

function wanted(state: RunningState, query: URLSearchParams): readonly LiveCluster[] {
  const name = query.get('cluster');
  return state.clusters().filter((cluster) => name === null || cluster.name === name);
}

function describeCluster(
  cluster: LiveCluster,
  ofWorkers: ReadonlyMap<string, Record<string, number>> | null,
): ClusterState {
  const { name, model, endpoints } = cluster;
  const counters = ofWorkers?.get(prefixOf(name)) ?? countersOf(cluster);
  const { maxConnections, maxPendingRequests, maxRequests, maxRetries } = model.circuitBreaker;
  return {
    name,
    direction: model.direction,
    service: model.service,
    subset: subsetOf(name),
    discovery: model.discovery,
    protocol: model.protocol,
    tls: model.tls !== null,
    loadBalancer: model.loadBalancer.policy,
    connectTimeoutMs: model.connection.connectTimeoutMs,
    outlierDetection: describeOutlierPolicy(cluster),
    healthCheck: model.healthCheck?.check.kind ?? null,
    limits: { maxConnections, maxPendingRequests, maxRequests, maxRetries },
    endpoints: endpoints.length,
    healthyEndpoints: cluster.membershipHealthy,
    activeRequests: counters.upstream_rq_active ?? 0,
    counters,
    origin: describeOrigin(model.origin),
  };
}

/** `outbound|PORT|SUBSET|HOST`. */
function subsetOf(name: string): string {
  const parts = name.split('|');
  return parts.length === 4 ? (parts[2] ?? '') : '';
}

function describeOutlierPolicy({ model }: LiveCluster): ClusterState['outlierDetection'] {
  const policy = model.outlierDetection;
  if (policy === null) return null;
  return {
    consecutive5xx: policy.consecutive5xx,
    consecutiveGatewayErrors: policy.consecutiveGatewayErrors,
    consecutiveLocalOriginFailures: policy.consecutiveLocalOriginFailures,
    intervalMs: policy.intervalMs,
    baseEjectionMs: policy.baseEjectionMs,
    maxEjectionPercent: policy.maxEjectionPercent,
  };
}

function countersOf(cluster: LiveCluster): Record<string, number> {
  const prefix = prefixOf(cluster.name);
  const samples = [...clusterSamples(cluster)];
  return Object.fromEntries(samples.map(({ name, value }) => [name.slice(prefix.length), value]));
}

/** Of all clusters at once, by what their names begin with. */
function countersByPrefix({ metrics }: RunningState): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (const { name, value } of metrics.unsortedSamples()) {
    const end = name.startsWith('cluster.') ? name.indexOf(';.') + 2 : 0;
    if (end < 2) continue;
    const prefix = name.slice(0, end);
    const counters = found.get(prefix) ?? {};
    counters[name.slice(end)] = value;
    found.set(prefix, counters);
  }
  return found;
}

function prefixOf(cluster: string): string {
  return `cluster.${cluster};.`;
}

/** /clusters: each cluster with its limits, and its endpoints with their counts and health. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import { type AdminEndpoint, json, text } from '../admin-endpoint.ts';

export const clusters: AdminEndpoint = {
  path: '/clusters',
  mutation: false,
  help: 'print the clusters with their endpoints, counts and health',
  parameters: ['format'],
  handle: ({ query }, state) => {
    const all = state.clusters();
    if (query.get('format') === 'json') return json({ cluster_statuses: all.map(clusterJson) });
    return text(all.map(clusterText).join(''));
  },
};

/** Envoy's counters of one endpoint, in its order. */
function endpointCounts(endpoint: LiveEndpoint): readonly (readonly [string, number])[] {
  return [
    ['cx_active', endpoint.connectionsActive],
    ['cx_connect_fail', endpoint.connectFailures],
    ['cx_total', endpoint.connectionsTotal],
    ['rq_active', endpoint.activeRequests],
    ['rq_error', endpoint.requestsError],
    ['rq_success', endpoint.requestsSuccess],
    ['rq_total', endpoint.requestsTotal],
  ];
}

const gauges = ['cx_active', 'rq_active'];

/** Lines of `cluster::address::name::value`. */
function clusterText(cluster: LiveCluster): string {
  const { name, model } = cluster;
  const limits = model.circuitBreaker;
  const lines = [
    `observability_name::${name};`,
    `default_priority::max_connections::${limits.maxConnections}`,
    `default_priority::max_pending_requests::${limits.maxPendingRequests}`,
    `default_priority::max_requests::${limits.maxRequests}`,
    `default_priority::max_retries::${limits.maxRetries}`,
    'added_via_api::true',
  ];
  for (const endpoint of cluster.endpoints) {
    for (const [stat, value] of endpointFacts(endpoint)) {
      lines.push(`${endpoint.key}::${stat}::${value}`);
    }
  }
  return lines.map((line) => `${name}::${line}\n`).join('');
}

function endpointFacts(endpoint: LiveEndpoint): readonly (readonly [string, string | number])[] {
  const { model } = endpoint;
  return [
    ...endpointCounts(endpoint),
    ['hostname', model.address === endpoint.address ? '' : model.address],
    ['health_flags', healthFlags(endpoint)],
    ['weight', model.weight],
    ['region', model.locality.region],
    ['zone', model.locality.zone],
    ['sub_zone', model.locality.subzone],
    ['canary', 'false'],
    ['priority', model.priority],
  ];
}

/** Envoy's flags, in its order. */
function healthFlags(endpoint: LiveEndpoint): string {
  const flags = [
    endpoint.unhealthy ? '/failed_active_hc' : '',
    endpoint.ejected ? '/failed_outlier_check' : '',
    endpoint.excluded ? '/excluded_via_immediate_hc_fail' : '',
    endpoint.checkTimedOut ? '/active_hc_timeout' : '',
  ].join('');
  return flags === '' ? 'healthy' : flags;
}

function clusterJson(cluster: LiveCluster): unknown {
  const limits = cluster.model.circuitBreaker;
  return {
    name: cluster.name,
    observability_name: `${cluster.name};`,
    added_via_api: true,
    circuit_breakers: {
      thresholds: [
        {
          priority: 'DEFAULT',
          max_connections: limits.maxConnections,
          max_pending_requests: limits.maxPendingRequests,
          max_requests: limits.maxRequests,
          max_retries: limits.maxRetries,
        },
      ],
    },
    host_statuses: cluster.endpoints.map(endpointJson),
  };
}

function endpointJson(endpoint: LiveEndpoint): unknown {
  const { model } = endpoint;
  const { region, zone, subzone } = model.locality;
  return {
    address: { socket_address: { address: endpoint.address, port_value: endpoint.port } },
    // Numbers of 64 bits are strings in the JSON of protocol buffers.
    stats: endpointCounts(endpoint).map(([name, value]) => ({
      ...(gauges.includes(name) ? { type: 'GAUGE' } : {}),
      name,
      value: String(value),
    })),
    health_status: {
      eds_health_status: 'HEALTHY',
      ...(endpoint.ejected ? { failed_outlier_check: true } : {}),
      ...(endpoint.unhealthy ? { failed_active_health_check: true } : {}),
      ...(endpoint.excluded ? { excluded_via_immediate_hc_fail: true } : {}),
      ...(endpoint.checkTimedOut ? { active_hc_timeout: true } : {}),
    },
    weight: model.weight,
    priority: model.priority,
    hostname: model.address === endpoint.address ? '' : model.address,
    locality: { region, zone, sub_zone: subzone },
  };
}

/** /clusters: each cluster with its limits, and its endpoints with their counts and health. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import { type AdminEndpoint, json, parameter, text } from '../admin-endpoint.ts';
import { compileNameFilter } from '../name-filter.ts';

export const clusters: AdminEndpoint = {
  path: '/clusters',
  mutation: false,
  tellsCounts: true,
  help: 'print the clusters with their endpoints, counts and health',
  parameters: [
    parameter('filter', 'expression (RE2) that names must match'),
    parameter('format', 'form of the answer', ['text', 'json']),
  ],
  handle: ({ query }, state) => {
    const filter = compileNameFilter(query.get('filter'));
    if (!filter.ok) return text(`${filter.error}\n`, 400);
    const chosen = state.clusters().filter(({ name }) => filter.value(name));
    if (query.get('format') === 'json') return json({ cluster_statuses: chosen.map(clusterJson) });
    return text(chosen.map(clusterText).join(''));
  },
};

interface EndpointCount {
  readonly name: string;
  readonly value: number;
  readonly isGauge: boolean;
}

/** Envoy's, in the order of its text. */
function endpointCounts(endpoint: LiveEndpoint): readonly EndpointCount[] {
  const counter = (name: string, value: number) => ({ name, value, isGauge: false });
  const gauge = (name: string, value: number) => ({ name, value, isGauge: true });
  return [
    gauge('cx_active', endpoint.connectionsActive),
    counter('cx_connect_fail', endpoint.connectFailures),
    counter('cx_total', endpoint.connectionsTotal),
    gauge('rq_active', endpoint.activeRequests),
    counter('rq_error', endpoint.requestsError),
    gauge('rq_pending_active', endpoint.requestsPending),
    counter('rq_success', endpoint.requestsSuccess),
    counter('rq_timeout', endpoint.requestsTimeout),
    counter('rq_total', endpoint.requestsTotal),
  ];
}

/** Nothing is ejected by its success rate here, which Envoy writes as -1. */
const noRate = -1;

const rateLines = [
  `outlier::success_rate_average::${noRate}`,
  `outlier::success_rate_ejection_threshold::${noRate}`,
  `outlier::local_origin_success_rate_average::${noRate}`,
  `outlier::local_origin_success_rate_ejection_threshold::${noRate}`,
];

/** Envoy has limits of their own for requests of high priority, of which there are none here. */
const highPriorityLimit = 1024;

interface Thresholds {
  readonly max_connections: number;
  readonly max_pending_requests: number;
  readonly max_requests: number;
  readonly max_retries: number;
}

function defaultThresholds({ model }: LiveCluster): Thresholds {
  const limits = model.circuitBreaker;
  return {
    max_connections: limits.maxConnections,
    max_pending_requests: limits.maxPendingRequests,
    max_requests: limits.maxRequests,
    max_retries: limits.maxRetries,
  };
}

const highThresholds: Thresholds = {
  max_connections: highPriorityLimit,
  max_pending_requests: highPriorityLimit,
  max_requests: highPriorityLimit,
  max_retries: 3,
};

/** Lines of `cluster::name::value` and `cluster::address::name::value`. */
function clusterText(cluster: LiveCluster): string {
  const { name, model } = cluster;
  const lines = [
    `observability_name::${name};`,
    ...(model.outlierDetection === null ? [] : rateLines),
    ...thresholdLines('default_priority', defaultThresholds(cluster)),
    ...thresholdLines('high_priority', highThresholds),
    'added_via_api::true',
  ];
  for (const endpoint of cluster.endpoints) {
    for (const [stat, value] of endpointFacts(endpoint)) {
      lines.push(`${endpoint.key}::${stat}::${value}`);
    }
  }
  return lines.map((line) => `${name}::${line}\n`).join('');
}

function thresholdLines(priority: string, thresholds: Thresholds): string[] {
  return Object.entries(thresholds).map(([name, value]) => `${priority}::${name}::${value}`);
}

function endpointFacts(endpoint: LiveEndpoint): readonly (readonly [string, string | number])[] {
  const { model } = endpoint;
  return [
    ...endpointCounts(endpoint).map(({ name, value }) => [name, value] as const),
    ['hostname', hostnameOf(endpoint)],
    ['health_flags', healthFlags(endpoint)],
    ['weight', model.weight],
    ['region', model.locality.region],
    ['zone', model.locality.zone],
    ['sub_zone', model.locality.subzone],
    ['canary', 'false'],
    ['priority', model.priority],
    ['success_rate', noRate],
    ['local_origin_success_rate', noRate],
  ];
}

/** Empty where the endpoint is an address. */
function hostnameOf({ model, address }: LiveEndpoint): string {
  return model.address === address ? '' : model.address;
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
  return {
    name: cluster.name,
    added_via_api: true,
    host_statuses: cluster.endpoints.map(endpointJson),
    circuit_breakers: {
      thresholds: [
        { priority: 'DEFAULT', ...defaultThresholds(cluster) },
        { priority: 'HIGH', ...highThresholds },
      ],
    },
    observability_name: `${cluster.name};`,
  };
}

function endpointJson(endpoint: LiveEndpoint): unknown {
  const { model, outlier } = endpoint;
  const { region, zone, subzone } = model.locality;
  return {
    address: { socket_address: { address: endpoint.address, port_value: endpoint.port } },
    // Numbers of 64 bits are strings in the JSON of protocol buffers.
    stats: endpointCounts(endpoint).map(({ name, value, isGauge }) => ({
      ...(isGauge ? { type: 'GAUGE' } : {}),
      name,
      value: String(value),
    })),
    health_status: {
      ...(endpoint.unhealthy ? { failed_active_health_check: true } : {}),
      ...(endpoint.ejected ? { failed_outlier_check: true } : {}),
      eds_health_status: 'HEALTHY',
      ...(endpoint.excluded ? { excluded_via_immediate_hc_fail: true } : {}),
      ...(endpoint.checkTimedOut ? { active_hc_timeout: true } : {}),
    },
    weight: model.weight,
    priority: model.priority,
    hostname: hostnameOf(endpoint),
    locality: { region, zone, sub_zone: subzone },
    // Not Envoy's: what outlier detection counts of it.
    ...(outlier === null
      ? {}
      : {
          outlier_detection: {
            ejected: endpoint.ejected,
            consecutive_5xx: outlier.consecutive5xx,
            consecutive_gateway_errors: outlier.consecutiveGatewayErrors,
            consecutive_local_origin_failures: outlier.consecutiveLocalOriginFailures,
            ejection_multiplier: outlier.multiplier,
          },
        }),
  };
}

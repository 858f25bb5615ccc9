/** Envoy with the policies of the benchmark: one worker, no access log, Istio's default retries. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../support/find-command.ts';
import type { Peer } from './peer.ts';
import {
  adminPort,
  authority,
  canaryHeader,
  canaryWeight,
  endpointPorts,
  type PolicyKind,
  proxyPort,
  richPolicy,
  type Version,
} from './policy.ts';

export const envoyPeer: Peer = {
  name: 'envoy',
  note: 'the same policy',
  prepare: (folder) => envoyCommand(folder, 'plain'),
};

export const richEnvoyPeer: Peer = {
  name: 'envoy-rich',
  note: 'the policy of sluice-rich',
  prepare: (folder) => envoyCommand(folder, 'rich'),
};

function envoyCommand(folder: string, kind: PolicyKind): readonly string[] | null {
  const envoy = findCommand('envoy');
  if (envoy === null) return null;
  const file = join(folder, `envoy-${kind}.json`);
  writeFileSync(file, JSON.stringify(envoyConfig(kind), null, 2));
  return [envoy, '-c', file, '--concurrency', '1', '-l', 'error', '--disable-hot-restart'];
}

function envoyConfig(kind: PolicyKind): unknown {
  const listener = {
    name: 'shop',
    address: address(proxyPort),
    filter_chains: [filterChain(kind)],
  };
  return {
    admin: { address: address(adminPort) },
    static_resources: {
      listeners: [listener],
      clusters: [cluster('v1', kind), cluster('v2', kind)],
    },
  };
}

function address(port: number): unknown {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function filterChain(kind: PolicyKind): unknown {
  const router = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';
  const manager =
    'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  return {
    filters: [
      {
        name: 'http_connection_manager',
        typed_config: {
          '@type': manager,
          stat_prefix: 'shop',
          use_remote_address: true,
          generate_request_id: true,
          normalize_path: true,
          route_config: {
            virtual_hosts: [{ name: 'shop', domains: [authority], routes: routes(kind) }],
          },
          http_filters: [{ name: 'router', typed_config: { '@type': router } }],
        },
      },
    ],
  };
}

function routes(kind: PolicyKind): unknown[] {
  const policy = kind === 'rich' ? richRoutePolicy() : defaultRoutePolicy();
  const to = (cluster: Version) => ({ cluster, ...policy });
  const canary = { name: canaryHeader, string_match: { exact: 'true' } };
  return [
    { match: { path: '/healthz' }, route: to('v1') },
    { match: { prefix: '/admin/' }, route: to('v2') },
    { match: { safe_regex: { regex: '/legacy/[0-9]+' } }, route: to('v1') },
    { match: { prefix: '/', headers: [canary] }, route: to('v2') },
    { match: { prefix: '/' }, route: { weighted_clusters: weights(), ...policy } },
  ];
}

function defaultRoutePolicy(): object {
  const retry = {
    retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
    num_retries: 2,
    retriable_status_codes: [503],
    retry_host_predicate: [previousHosts()],
    host_selection_retry_max_attempts: 5,
  };
  return { timeout: '0s', retry_policy: retry };
}

function richRoutePolicy(): object {
  const { timeoutSeconds, retries } = richPolicy;
  const retry = {
    retry_on: retries.retryOn,
    num_retries: retries.attempts,
    per_try_timeout: `${retries.perTryTimeoutSeconds}s`,
    retry_host_predicate: [previousHosts()],
    host_selection_retry_max_attempts: 5,
  };
  const never = { default_value: { numerator: 0, denominator: 'HUNDRED' } };
  return {
    timeout: `${timeoutSeconds}s`,
    retry_policy: retry,
    request_mirror_policies: [{ cluster: 'v2', runtime_fraction: never }],
  };
}

function previousHosts(): unknown {
  const type =
    'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate';
  return { name: 'envoy.retry_host_predicates.previous_hosts', typed_config: { '@type': type } };
}

function weights(): unknown {
  return {
    clusters: [
      { name: 'v1', weight: 100 - canaryWeight },
      { name: 'v2', weight: canaryWeight },
    ],
  };
}

function cluster(version: Version, kind: PolicyKind): unknown {
  return {
    ...(kind === 'rich' ? { circuit_breakers: { thresholds: [thresholds()] } } : {}),
    name: version,
    type: 'STATIC',
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    outlier_detection: {
      consecutive_5xx: 5,
      interval: '10s',
      base_ejection_time: '30s',
      max_ejection_percent: 50,
    },
    load_assignment: {
      cluster_name: version,
      endpoints: [
        {
          lb_endpoints: endpointPorts[version].map((port) => ({
            endpoint: { address: address(port) },
          })),
        },
      ],
    },
  };
}

function thresholds(): unknown {
  const { limits } = richPolicy;
  return {
    max_connections: limits.connections,
    max_pending_requests: limits.pendingRequests,
    max_requests: limits.requests,
    max_retries: limits.retries,
  };
}

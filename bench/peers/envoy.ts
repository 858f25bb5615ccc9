/** Envoy with the policy of the benchmark: one worker, no access log, Istio's default retries. */

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
  proxyPort,
  type Version,
} from './policy.ts';

export const envoyPeer: Peer = {
  name: 'envoy',
  note: 'the same policy',
  prepare(folder) {
    const envoy = findCommand('envoy');
    if (envoy === null) return null;
    const file = join(folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(envoyConfig(), null, 2));
    return [envoy, '-c', file, '--concurrency', '1', '--log-level', 'error', '--base-id', '77'];
  },
};

function envoyConfig(): unknown {
  return {
    admin: { address: address(adminPort) },
    static_resources: {
      listeners: [{ name: 'shop', address: address(proxyPort), filter_chains: [filterChain()] }],
      clusters: [cluster('v1'), cluster('v2')],
    },
  };
}

function address(port: number): unknown {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function filterChain(): unknown {
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
            virtual_hosts: [{ name: 'shop', domains: [authority], routes: routes() }],
          },
          http_filters: [{ name: 'router', typed_config: { '@type': router } }],
        },
      },
    ],
  };
}

function routes(): unknown[] {
  const retry = {
    retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
    num_retries: 2,
    retriable_status_codes: [503],
    retry_host_predicate: [previousHosts()],
    host_selection_retry_max_attempts: 5,
  };
  const to = (cluster: Version) => ({ cluster, timeout: '0s', retry_policy: retry });
  const canary = { name: canaryHeader, string_match: { exact: 'true' } };
  return [
    { match: { path: '/healthz' }, route: to('v1') },
    { match: { prefix: '/admin/' }, route: to('v2') },
    { match: { safe_regex: { regex: '/legacy/[0-9]+' } }, route: to('v1') },
    { match: { prefix: '/', headers: [canary] }, route: to('v2') },
    {
      match: { prefix: '/' },
      route: { weighted_clusters: weights(), timeout: '0s', retry_policy: retry },
    },
  ];
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

function cluster(version: Version): unknown {
  return {
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

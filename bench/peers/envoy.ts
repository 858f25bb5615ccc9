/** Envoy with the policies of the benchmark: one worker, no access log, Istio's default retries. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loopbackAddress } from '../support/envoy-address.ts';
import { commandPath } from '../support/find-command.ts';
import type { Peer, Setup } from './peer.ts';
import {
  authority,
  canaryHeader,
  canaryWeight,
  endpointPorts,
  richPolicy,
  type Version,
} from './policy.ts';

const extensions = 'type.googleapis.com/envoy.extensions';

export const envoyPeer: Peer = {
  name: 'envoy',
  note: 'the same policy',
  can: ['tls', 'h2', 'rich', 'routes'],
  version: ['envoy', '--version'],
  prepare(setup) {
    const file = join(setup.folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(envoyConfig(setup), null, 2));
    const options = ['--concurrency', '1', '-l', 'error', '--disable-hot-restart'];
    return [commandPath('envoy'), '-c', file, ...options];
  },
};

function envoyConfig(setup: Setup): unknown {
  const listener = {
    name: 'shop',
    address: loopbackAddress(setup.port),
    filter_chains: [{ filters: [connectionManager(setup)], ...transportSocket(setup) }],
  };
  return {
    admin: { address: loopbackAddress(setup.adminPort) },
    static_resources: {
      listeners: [listener],
      clusters: [cluster('v1', setup), cluster('v2', setup)],
    },
  };
}

function transportSocket({ protocol, certificate }: Setup): object {
  if (protocol !== 'tls') return {};
  const pair = {
    certificate_chain: { filename: certificate.certificate },
    private_key: { filename: certificate.key },
  };
  const context = {
    '@type': `${extensions}.transport_sockets.tls.v3.DownstreamTlsContext`,
    common_tls_context: { tls_certificates: [pair], alpn_protocols: ['h2', 'http/1.1'] },
  };
  return { transport_socket: { name: 'tls', typed_config: context } };
}

function connectionManager(setup: Setup): unknown {
  return {
    name: 'http_connection_manager',
    typed_config: {
      '@type': `${extensions}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'shop',
      use_remote_address: true,
      generate_request_id: true,
      normalize_path: true,
      route_config: { virtual_hosts: virtualHosts(setup) },
      http_filters: [
        {
          name: 'router',
          typed_config: { '@type': `${extensions}.filters.http.router.v3.Router` },
        },
      ],
    },
  };
}

function virtualHosts(setup: Setup): unknown[] {
  if (setup.routes === null) {
    return [{ name: 'shop', domains: [authority], routes: policyRoutes(setup) }];
  }
  const { hosts, sections } = setup.routes;
  const policy = defaultRoutePolicy();
  const specific = sections.map((prefix) => ({
    match: { prefix },
    route: { cluster: 'v1', ...policy },
  }));
  const routes = [...specific, splitRoute(policy)];
  return hosts.map((host) => ({ name: host, domains: [host], routes }));
}

function policyRoutes({ isRich }: Setup): unknown[] {
  const policy = isRich ? richRoutePolicy() : defaultRoutePolicy();
  const to = (cluster: Version) => ({ cluster, ...policy });
  const canary = { name: canaryHeader, string_match: { exact: 'true' } };
  return [
    { match: { path: '/healthz' }, route: to('v1') },
    { match: { prefix: '/admin/' }, route: to('v2') },
    { match: { safe_regex: { regex: '/legacy/[0-9]+' } }, route: to('v1') },
    { match: { prefix: '/', headers: [canary] }, route: to('v2') },
    splitRoute(policy),
  ];
}

function splitRoute(policy: object): unknown {
  return { match: { prefix: '/' }, route: { weighted_clusters: weights(), ...policy } };
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
  const type = `${extensions}.retry.host.previous_hosts.v3.PreviousHostsPredicate`;
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

function cluster(version: Version, { isRich }: Setup): unknown {
  return {
    ...(isRich ? { circuit_breakers: { thresholds: [thresholds()] } } : {}),
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
            endpoint: { address: loopbackAddress(port) },
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

/** Envoy with what Istio makes of the same resources. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loopbackAddress } from '../support/envoy-address.ts';
import { findCommand } from '../support/find-command.ts';
import {
  adminPort,
  authority,
  endpointPorts,
  outlierDetection,
  proxyPort,
  retries,
  timeoutMs,
} from './policy.ts';
import type { LossyProxy } from './proxy.ts';

const types = 'type.googleapis.com/envoy.extensions';
/** Istio takes all limits of circuit breakers away where no connectionPool is given. */
const unlimited = 4_294_967_295;

export const envoyProxy: LossyProxy = {
  name: 'envoy',
  prepare(folder) {
    const envoy = findCommand('envoy');
    if (envoy === null) return null;
    const file = join(folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(envoyConfig(), null, 2));
    return [envoy, '-c', file, '--concurrency', '1', '-l', 'error', '--disable-hot-restart'];
  },
};

function envoyConfig(): unknown {
  const filter = { name: 'http_connection_manager', typed_config: connectionManager() };
  return {
    admin: { address: loopbackAddress(adminPort) },
    static_resources: {
      listeners: [
        {
          name: 'orders',
          address: loopbackAddress(proxyPort),
          filter_chains: [{ filters: [filter] }],
        },
      ],
      clusters: [cluster()],
    },
  };
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

function connectionManager(): unknown {
  const router = { '@type': `${types}.filters.http.router.v3.Router` };
  return {
    '@type': `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'orders',
    use_remote_address: true,
    route_config: {
      virtual_hosts: [{ name: 'orders', domains: [authority], routes: [route()] }],
    },
    http_filters: [{ name: 'router', typed_config: router }],
  };
}

function route(): unknown {
  const previousHosts = `${types}.retry.host.previous_hosts.v3.PreviousHostsPredicate`;
  return {
    match: { prefix: '/' },
    route: {
      cluster: 'orders',
      timeout: seconds(timeoutMs),
      retry_policy: {
        retry_on: retries.retryOn,
        num_retries: retries.attempts,
        per_try_timeout: seconds(retries.perTryTimeoutMs),
        retry_host_predicate: [
          { name: 'previous_hosts', typed_config: { '@type': previousHosts } },
        ],
        host_selection_retry_max_attempts: 5,
      },
    },
  };
}

function cluster(): unknown {
  const endpoints = endpointPorts.map((port) => ({ endpoint: { address: loopbackAddress(port) } }));
  return {
    name: 'orders',
    type: 'STATIC',
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    // Istio: no panic where outlier detection is configured without minHealthPercent.
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    circuit_breakers: {
      thresholds: [
        {
          max_connections: unlimited,
          max_pending_requests: unlimited,
          max_requests: unlimited,
          max_retries: unlimited,
        },
      ],
    },
    outlier_detection: {
      consecutive_5xx: outlierDetection.consecutiveErrors,
      enforcing_consecutive_5xx: 100,
      enforcing_consecutive_gateway_failure: 0,
      enforcing_success_rate: 0,
      interval: seconds(outlierDetection.intervalMs),
      base_ejection_time: seconds(outlierDetection.baseEjectionMs),
      max_ejection_percent: outlierDetection.maxEjectionPercent,
    },
    load_assignment: { cluster_name: 'orders', endpoints: [{ lb_endpoints: endpoints }] },
  };
}

/** Models of clusters and endpoints made by hand, with Istio's defaults. */

import type { Cluster } from '../../src/model/cluster.ts';
import type { OutlierDetection } from '../../src/model/cluster-policy.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { unknownLocality } from '../../src/model/locality.ts';
import { builtInOrigin } from '../../src/model/origin.ts';

const unlimited = 2 ** 32 - 1;

export function endpointModel(port: number, overrides: Partial<Endpoint> = {}): Endpoint {
  return {
    address: '127.0.0.1',
    port,
    weight: 1,
    locality: unknownLocality,
    priority: 0,
    workload: null,
    localityWeight: null,
    ...overrides,
  };
}

/** Endpoints on ports from 1. */
export function endpointModels(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, index) => endpointModel(index + 1));
}

/** Envoy's defaults, but for a maxEjectionPercent of 100. */
export function outlierDetection(overrides: Partial<OutlierDetection> = {}): OutlierDetection {
  return {
    consecutive5xx: 5,
    consecutiveGatewayErrors: 0,
    splitExternalLocalOriginErrors: false,
    consecutiveLocalOriginFailures: 5,
    errorCodes: null,
    intervalMs: 10_000,
    baseEjectionMs: 30_000,
    maxEjectionMs: 300_000,
    maxEjectionPercent: 100,
    ...overrides,
  };
}

export function clusterModel(overrides: Partial<Cluster> = {}): Cluster {
  return {
    name: 'outbound|80||a.default.svc.cluster.local',
    direction: 'outbound',
    discovery: 'static',
    service: null,
    endpoints: endpointModels(3),
    loadBalancer: { policy: 'LEAST_REQUEST', slowStart: null },
    outlierDetection: null,
    healthCheck: null,
    circuitBreaker: {
      maxConnections: unlimited,
      maxPendingRequests: unlimited,
      maxRequests: unlimited,
      maxRetries: unlimited,
      retryBudget: null,
    },
    connection: {
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 3_600_000,
      maxRequestsPerConnection: 0,
      maxConnectionDurationMs: 0,
      tcpKeepalive: null,
      maxConcurrentStreams: 2_147_483_647,
      http2Keepalive: null,
    },
    protocol: 'http1',
    tls: null,
    proxyProtocol: null,
    panicThresholdPercent: 0,
    origin: builtInOrigin,
    ...overrides,
  };
}

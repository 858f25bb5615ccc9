/** Clusters for tests: complete models with defaults, virtual time and a seeded choice. */

import { ManualClock } from '../../src/base/clock.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { type Hash64, loadXxHash64 } from '../../src/base/xxhash64.ts';
import { LiveCluster } from '../../src/cluster/live-cluster.ts';
import { LiveEndpoint } from '../../src/cluster/live-endpoint.ts';
import type { LoadBalancerContext } from '../../src/cluster/load-balancer-context.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { OutlierDetection } from '../../src/model/cluster-policy.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { builtInOrigin } from '../../src/model/origin.ts';

const unlimited = 2 ** 32 - 1;

export const hash64: Hash64 = await loadXxHash64();

export const anyEndpoint: LoadBalancerContext = {
  hash: null,
  tried: null,
  maxAttempts: 5,
  previousPriorities: null,
  destination: null,
  limits: defaultLimits,
};

export function endpointModel(port: number, overrides: Partial<Endpoint> = {}): Endpoint {
  return {
    address: '127.0.0.1',
    port,
    weight: 1,
    locality: { region: '', zone: '', subzone: '' },
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

export function liveEndpoints(count: number): LiveEndpoint[] {
  return endpointModels(count).map(({ address, port }) => new LiveEndpoint('a', address, port));
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
    },
    protocol: 'http1',
    panicThresholdPercent: 0,
    origin: builtInOrigin,
    ...overrides,
  };
}

export class ClusterFixture {
  readonly clock = new ManualClock(1_000);
  readonly random = new SeededRandom(7);

  /** A cluster that has taken the place of `previous`. */
  create(overrides: Partial<Cluster> = {}, previous: LiveCluster | null = null): LiveCluster {
    const cluster = this.prepare(overrides, previous);
    cluster.adopt(previous);
    return cluster;
  }

  /** A cluster that is to take the place of `previous`. */
  prepare(overrides: Partial<Cluster>, previous: LiveCluster | null): LiveCluster {
    return new LiveCluster(clusterModel(overrides), previous, {
      clock: this.clock,
      random: this.random,
      hash64,
    });
  }

  /** Ports chosen in `count` choices, with how often. */
  tally(cluster: LiveCluster, count: number): Map<number, number> {
    const chosen = new Map<number, number>();
    for (let index = 0; index < count; index++) {
      const port = cluster.chooseEndpoint(anyEndpoint)?.port ?? 0;
      chosen.set(port, (chosen.get(port) ?? 0) + 1);
    }
    return chosen;
  }

  /** Passes time and lets the cluster do its interval work, as its owner would. */
  advance(cluster: LiveCluster, ms: number): void {
    const end = this.clock.now() + ms;
    while (cluster.nextTickAt <= end) {
      this.clock.advance(cluster.nextTickAt - this.clock.now());
      cluster.tick(this.clock.now());
    }
    this.clock.advance(end - this.clock.now());
  }
}

/** The endpoint on that port; it must be there. */
export function endpointAt(cluster: LiveCluster, port: number): LiveEndpoint {
  const found = cluster.endpoints.find((endpoint) => endpoint.port === port);
  if (found === undefined) throw new Error(`no endpoint on port ${port}`);
  return found;
}

/** A running state with one cluster and one listener, for tests of the admin API. */

import { Diagnostics } from '../../src/admin/diagnostics.ts';
import type { RunningState } from '../../src/admin/running-state.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { err, ok } from '../../src/base/result.ts';
import { systemTimers } from '../../src/base/timers.ts';
import { LiveCluster } from '../../src/cluster/live-cluster.ts';
import type { Finding } from '../../src/config/finding.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { defaultOverload } from '../../src/model/overload-settings.ts';
import { compileRouteTable } from '../../src/routing/route-table.ts';
import type { LoadedResource } from '../../src/runtime/loaded-resources.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { LiveTraffic } from '../../src/telemetry/traffic/live-traffic.ts';
import { TrafficSampler } from '../../src/telemetry/traffic/traffic-sampler.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { telemetryOf } from '../support/mesh-models.ts';
import { testCluster, testEndpoint, testListener } from '../telemetry/stream-info-fixture.ts';

export const testFinding: Finding = {
  code: 'SLC0001',
  severity: 'error',
  message: 'unknown field "weighting"',
  hint: 'did you mean "weight"?',
  file: 'reviews.yaml',
  line: 12,
  column: 9,
  path: 'spec.http[0].route[0].weighting',
  resource: 'VirtualService default/reviews',
};

export const testResource: LoadedResource = {
  kind: 'VirtualService',
  group: 'networking.istio.io',
  namespace: 'default',
  name: 'reviews',
  file: 'reviews.yaml',
  line: 1,
  status: 'kept',
  conditions: [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: 'it is valid' }],
  parts: [{ name: 'http', attachedRoutes: null, conditions: [] }],
};

export function testMesh(): Mesh {
  return {
    proxy: {
      namespace: 'web',
      labels: { app: 'client' },
      locality: { region: 'eu', zone: 'a', subzone: '1' },
      workload: 'client-v1',
    },
    listeners: [testListener()],
    routeTables: [{ name: '80', virtualHosts: [], ignorePortInHost: true, grpcWeb: false }],
    clusters: [testCluster([testEndpoint(9080), testEndpoint(9081)])],
    telemetry: telemetryOf(),
    overload: defaultOverload,
  };
}

/** What the API did is kept in `calls`. */
export interface TestState extends RunningState {
  readonly calls: string[];
  readonly cluster: LiveCluster;
  lifecycleState: ReturnType<RunningState['lifecycle']>;
}

export function testState(): TestState {
  const clock = new ManualClock(0, Date.UTC(2026, 10, 21));
  const mesh = testMesh();
  const model = mesh.clusters[0] ?? testCluster();
  const hash64 = { hash: () => 0n, hashBytes: () => 0n };
  const cluster = new LiveCluster(model, null, { clock, random: new SeededRandom(1), hash64 });
  cluster.adopt(null);
  const calls: string[] = [];
  const metrics = new MetricsRegistry();
  const timers = new ManualTimers(clock);
  return {
    calls,
    traffic: new LiveTraffic(timers),
    trafficSampler: new TrafficSampler(metrics, clock, timers),
    cluster,
    lifecycleState: 'LIVE',
    version: '0.1.0',
    inviteTakeover: async (protocol) => {
      calls.push(`takeover by protocol ${protocol}`);
      if (protocol !== '1') return err('another protocol');
      return ok({ protocol: 1, pid: 7, version: '0.1.0', folder: '/tmp/sluice-7' });
    },
    metrics,
    logs: new LogRoot({ clock, write: () => {} }),
    diagnostics: new Diagnostics(systemTimers),
    lifecycle() {
      return this.lifecycleState;
    },
    wall: () => Date.UTC(2026, 10, 21),
    uptimeSeconds: () => 90.6,
    drainTimeMs: () => 5000,
    config: () => ({
      version: 3,
      publishedWall: Date.UTC(2026, 10, 21),
      lastLoadOk: false,
      findings: [testFinding],
      rejected: ['VirtualService default/reviews'],
      mesh,
    }),
    listeners: () =>
      mesh.listeners.map((listener) => ({ listener, boundPort: 40123, draining: false })),
    hash64,
    clusters: () => [cluster],
    findCluster: (name) => (name === cluster.name ? cluster : null),
    routeTables: () =>
      new Map(mesh.routeTables.map((table) => [table.name, compileRouteTable(table)])),
    findFilterChain: (name) =>
      mesh.listeners.find((listener) => listener.name === name)?.filterChains[0] ?? null,
    findCertificates: () => null,
    resources: () => [testResource],
    certificates: () => [],
    warming: () => [],
    drainListeners: (options) => void calls.push(`drain ${JSON.stringify(options)}`),
    failHealthChecks(fails) {
      this.lifecycleState = fails ? 'DRAINING' : 'LIVE';
    },
    reopenLogs: async () => void calls.push('reopen logs'),
    quit: () => void calls.push('quit'),
    concurrency: () => 1,
    workers: () => [],
    refresh: () => null,
    gatherRequests: () => null,
    resetCounters: async () => metrics.reset(),
  };
}

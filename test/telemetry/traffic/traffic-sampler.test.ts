import t from 'tap';
import type { ProxyIdentity } from '../../../src/model/proxy-identity.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { RequestMetrics } from '../../../src/telemetry/metrics/request-metrics.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import type { TrafficEdge, TrafficGraph } from '../../../src/telemetry/traffic/traffic-graph.ts';
import {
  sampleIntervalMs,
  TrafficSampler,
} from '../../../src/telemetry/traffic/traffic-sampler.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { testCluster, testEndpoint, testListener, testStreamInfo } from '../stream-info-fixture.ts';

const proxy: ProxyIdentity = {
  namespace: 'web',
  labels: { app: 'client', version: 'v3' },
  locality: { region: '', zone: '', subzone: '' },
  workload: 'client-v3',
};

class Fixture {
  readonly registry = new MetricsRegistry();
  readonly timers: ManualTimers;
  readonly sampler: TrafficSampler;
  readonly #metrics: RequestMetrics;
  readonly #cluster = testCluster([testEndpoint(9080), v2Endpoint()]);

  constructor() {
    const clock = new ManualClock(0, Date.UTC(2026, 10, 21));
    this.timers = new ManualTimers(clock);
    this.#metrics = new RequestMetrics(this.registry, proxy);
    this.sampler = new TrafficSampler(this.registry, clock, this.timers);
    this.sampler.start();
  }

  /** Requests to the endpoint of this number; each of them took so long. */
  request(count: number, ms = 12, endpoint = 0, change: (info: StreamInfo) => void = () => {}) {
    for (let index = 0; index < count; index++) {
      const info = testStreamInfo();
      info.cluster = this.#cluster;
      info.endpoint = this.#cluster.endpoints[endpoint] ?? null;
      info.endedAt = info.startedAt + ms;
      change(info);
      this.#metrics.record(info);
    }
  }

  inbound(): void {
    const info = testStreamInfo(testListener('inbound'));
    this.#metrics.record(info);
  }

  edges(windowMs: number): readonly TrafficEdge[] {
    return this.sampler.graph(windowMs, 'workload').edges;
  }
}

function v2Endpoint() {
  const endpoint = testEndpoint(9081);
  const { workload } = endpoint;
  if (workload === null) return endpoint;
  return { ...endpoint, workload: { ...workload, name: 'reviews-v2', version: 'v2' } };
}

function nodeIds({ nodes }: TrafficGraph): string[] {
  return nodes.map(({ id }) => id);
}

t.test('rates, codes, errors and latencies are those of the window', (t) => {
  const fixture = new Fixture();
  fixture.request(30);
  fixture.request(10, 80, 0, (info) => (info.status = 503));
  fixture.timers.advance(sampleIntervalMs);
  fixture.request(20, 3);
  fixture.timers.advance(sampleIntervalMs / 2);
  const graph = fixture.sampler.graph(60_000, 'workload');
  t.equal(graph.windowSeconds, 15);
  t.equal(graph.to - graph.from, 15_000);
  t.same(nodeIds(graph), ['workload:default/reviews-v1', 'workload:web/client-v3']);
  t.match(graph.nodes[0], { service: 'reviews', version: 'v1', kind: 'workload' });
  const [edge] = graph.edges;
  t.match(edge, {
    source: 'workload:web/client-v3',
    target: 'workload:default/reviews-v1',
    service: 'reviews.default.svc.cluster.local',
    reporter: 'source',
    protocol: 'http',
    requests: 60,
    requestsPerSecond: 4,
    errors: 10,
    codes: { 200: 50, 503: 10 },
  });
  t.equal(edge?.errorShare, 10 / 60);
  t.match(edge?.latencyMs, { mean: (30 * 12 + 10 * 80 + 20 * 3) / 60 });
  const { p50 = 0, p90 = 0, p99 = 0 } = edge?.latencyMs ?? {};
  t.ok(p50 > 5 && p50 <= 25, `p50 ${p50}`);
  t.ok(p90 > 50 && p90 <= 100, `p90 ${p90}`);
  t.ok(p99 >= p90 && p99 <= 100, `p99 ${p99}`);
  t.end();
});

t.test('what was before the window does not count', (t) => {
  const fixture = new Fixture();
  fixture.request(30);
  fixture.timers.advance(6 * sampleIntervalMs);
  fixture.request(5);
  fixture.timers.advance(1000);
  t.match(fixture.edges(30_000), [{ requests: 5 }]);
  t.match(fixture.edges(600_000), [{ requests: 35 }]);
  fixture.timers.advance(600_000 + sampleIntervalMs);
  t.same(fixture.edges(600_000), [], 'nothing is remembered longer');
  t.end();
});

t.test('looking changes nothing', (t) => {
  const fixture = new Fixture();
  fixture.request(5);
  t.match(fixture.edges(60_000), [{ requests: 5, requestsPerSecond: 0 }]);
  fixture.timers.advance(1000);
  t.match(fixture.edges(60_000), [{ requests: 5, requestsPerSecond: 5 }]);
  t.match(fixture.edges(60_000), [{ requests: 5, requestsPerSecond: 5 }]);
  t.end();
});

t.test('counters that are reset count from zero again', (t) => {
  const fixture = new Fixture();
  fixture.request(30);
  fixture.timers.advance(sampleIntervalMs);
  fixture.registry.reset();
  fixture.request(4);
  fixture.timers.advance(sampleIntervalMs);
  const [edge] = fixture.edges(5_000);
  t.match(edge, { requests: 4, latencyMs: { mean: 12 } });
  t.end();
});

t.test('workloads are joined where versions or services are looked at', (t) => {
  const fixture = new Fixture();
  fixture.request(3);
  fixture.request(1, 12, 1, (info) => (info.status = 500));
  fixture.timers.advance(1000);
  const graph = (grouping: 'workload' | 'version' | 'service') =>
    fixture.sampler.graph(60_000, grouping);
  t.same(nodeIds(graph('workload')), [
    'workload:default/reviews-v1',
    'workload:default/reviews-v2',
    'workload:web/client-v3',
  ]);
  t.same(nodeIds(graph('version')), [
    'version:default/reviews/v1',
    'version:default/reviews/v2',
    'version:web/client/v3',
  ]);
  const services = graph('service');
  t.same(nodeIds(services), ['service:default/reviews', 'service:web/client']);
  t.match(services.edges, [{ requests: 4, errors: 1, codes: { 200: 3, 500: 1 } }]);
  t.end();
});

t.test('a request that goes nowhere stands beside its service, and the two sides apart', (t) => {
  const fixture = new Fixture();
  fixture.request(1, 1, 9, (info) => (info.status = 503));
  fixture.request(1, 1, 9, (info) => {
    info.cluster = null;
    info.status = 404;
  });
  fixture.inbound();
  fixture.timers.advance(1000);
  const graph = fixture.sampler.graph(60_000, 'workload');
  const lines = graph.edges.map(
    ({ source, target, reporter }) => `${reporter}: ${source} -> ${target}`,
  );
  t.same(lines.sort(), [
    'destination: service:/unknown -> workload:web/client-v3',
    'source: workload:web/client-v3 -> service:/unknown',
    'source: workload:web/client-v3 -> service:default/reviews',
  ]);
  t.end();
});

t.test('gRPC fails by its own status', (t) => {
  const fixture = new Fixture();
  fixture.request(2, 1, 0, (info) => (info.grpcStatus = 0));
  fixture.request(1, 1, 0, (info) => (info.grpcStatus = 14));
  fixture.timers.advance(1000);
  t.match(fixture.edges(60_000), [
    { protocol: 'grpc', requests: 3, errors: 1, grpcCodes: { 0: 2, 14: 1 }, codes: { 200: 3 } },
  ]);
  t.end();
});

t.test('nothing is left when it stops', (t) => {
  const fixture = new Fixture();
  t.equal(fixture.timers.size, 1);
  fixture.sampler.stop();
  t.equal(fixture.timers.size, 0);
  t.end();
});

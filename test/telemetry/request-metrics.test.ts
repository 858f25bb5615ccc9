import t from 'tap';
import type { ProxyIdentity } from '../../src/model/proxy-identity.ts';
import { istioLabelNames } from '../../src/telemetry/istio-labels.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics.ts';
import { RequestMetrics } from '../../src/telemetry/request-metrics.ts';
import { responseFlag } from '../../src/telemetry/response-flags.ts';
import { testCluster, testListener, testStreamInfo } from './stream-info-fixture.ts';

const proxy: ProxyIdentity = {
  namespace: 'web',
  labels: { app: 'productpage', version: 'v1' },
  locality: { region: '', zone: '', subzone: '' },
  workload: 'productpage-v1',
};

function setUp() {
  const registry = new MetricsRegistry();
  const metrics = new RequestMetrics(registry, proxy);
  const series = () =>
    [...([...registry.values()][0]?.series() ?? [])].map(({ labels, slot }) => ({
      labels: Object.fromEntries(labels.map((label, index) => [istioLabelNames[index], label])),
      value: slot.value,
    }));
  const histogram = (name: string) =>
    [...registry.histograms()].find((family) => family.name === name);
  return { registry, metrics, series, histogram };
}

t.test('a request at the source has all labels of both sides', (t) => {
  const { metrics, series } = setUp();
  metrics.record(testStreamInfo());
  metrics.record(testStreamInfo());
  t.same(series(), [
    {
      value: 2,
      labels: {
        reporter: 'source',
        source_workload: 'productpage-v1',
        source_workload_namespace: 'web',
        source_principal: 'unknown',
        source_app: 'productpage',
        source_version: 'v1',
        source_cluster: 'unknown',
        source_canonical_service: 'productpage',
        source_canonical_revision: 'v1',
        destination_workload: 'reviews-v1',
        destination_workload_namespace: 'default',
        destination_principal: 'unknown',
        destination_app: 'reviews',
        destination_version: 'v1',
        destination_service: 'reviews.default.svc.cluster.local',
        destination_service_name: 'reviews',
        destination_service_namespace: 'default',
        destination_cluster: 'unknown',
        destination_canonical_service: 'reviews',
        destination_canonical_revision: 'v1',
        request_protocol: 'http',
        response_code: '200',
        response_flags: '-',
        connection_security_policy: 'unknown',
        grpc_response_status: '',
      },
    },
  ]);
  t.end();
});

t.test('an inbound listener reports as destination, with itself as workload', (t) => {
  const { metrics, series } = setUp();
  const info = testStreamInfo(testListener('inbound'));
  metrics.record(info);
  t.match(series()[0]?.labels, {
    reporter: 'destination',
    source_workload: 'unknown',
    destination_workload: 'productpage-v1',
    destination_canonical_service: 'productpage',
    connection_security_policy: 'none',
  });
  t.end();
});

t.test('what is not known is "unknown"', (t) => {
  const { metrics, series } = setUp();
  const info = testStreamInfo();
  info.cluster = null;
  info.endpoint = null;
  info.status = 404;
  info.responseFlags = responseFlag.noRoute;
  metrics.record(info);
  t.match(series()[0]?.labels, {
    destination_workload: 'unknown',
    destination_service: 'unknown',
    destination_service_name: 'unknown',
    response_code: '404',
    response_flags: 'NR',
  });
  t.end();
});

t.test('a cluster without a service stands under its own name', (t) => {
  const { metrics, series } = setUp();
  const info = testStreamInfo();
  info.cluster = { ...testCluster(), name: 'PassthroughCluster', service: null };
  metrics.record(info);
  t.match(series()[0]?.labels, {
    destination_service: 'unknown',
    destination_service_name: 'PassthroughCluster',
  });
  t.end();
});

t.test('status, flags and gRPC status make series of their own', (t) => {
  const { metrics, series } = setUp();
  for (const [status, flags, grpc] of [
    [200, 0, null],
    [503, responseFlag.upstreamOverflow, null],
    [503, responseFlag.noHealthyUpstream, null],
    [200, 0, 0],
    [200, 0, 14],
    [200, 0, 12345],
  ] as const) {
    const info = testStreamInfo();
    info.status = status;
    info.responseFlags = flags;
    info.grpcStatus = grpc;
    metrics.record(info);
    metrics.record(info);
  }
  t.same(
    series().map(({ labels, value }) => [
      `${labels['request_protocol']} ${labels['response_code']} ${labels['response_flags']} ${labels['grpc_response_status']}`,
      value,
    ]),
    [
      ['http 200 - ', 2],
      ['http 503 UO ', 2],
      ['http 503 UH ', 2],
      ['grpc 200 - 0', 2],
      ['grpc 200 - 14', 2],
      ['grpc 200 - 12345', 2],
    ],
  );
  t.end();
});

t.test('a reload makes new model objects and goes on counting in the old series', (t) => {
  const { metrics, series } = setUp();
  metrics.record(testStreamInfo());
  metrics.record(testStreamInfo());
  t.same(
    series().map(({ value }) => value),
    [2],
  );
  t.end();
});

t.test('duration and sizes are observed', (t) => {
  const { metrics, histogram } = setUp();
  const info = testStreamInfo();
  info.bytesReceived = 5_000;
  metrics.record(info);
  const slot = (name: string) => [...(histogram(name)?.series() ?? [])][0]?.slot;
  t.equal(slot('istio_request_duration_milliseconds')?.sum, 12.5);
  t.equal(slot('istio_request_bytes')?.sum, 5_000);
  t.equal(slot('istio_response_bytes')?.sum, 23);
  t.same(slot('istio_response_bytes')?.cumulativeCounts().slice(0, 4), [0, 0, 1, 1]);
  t.end();
});

t.test('an upstream that makes up statuses does not grow the process without end', (t) => {
  const { metrics, series } = setUp();
  const info = testStreamInfo();
  for (let i = 0; i < 20_000; i++) {
    info.status = 100 + (i % 900);
    info.grpcStatus = i;
    metrics.record(info);
  }
  const all = series();
  t.equal(all.length, 4097);
  t.equal(
    all.reduce((sum, { value }) => sum + value, 0),
    20_000,
  );
  t.end();
});

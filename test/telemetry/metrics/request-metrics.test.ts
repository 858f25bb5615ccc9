import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import type { MetricOverride, MetricsSettings } from '../../../src/model/metrics-settings.ts';
import type { ProxyIdentity } from '../../../src/model/proxy-identity.ts';
import { istioLabelNames } from '../../../src/telemetry/metrics/istio-labels.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { everything } from '../../../src/telemetry/metrics/prometheus.ts';
import { RequestMetrics } from '../../../src/telemetry/metrics/request-metrics.ts';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import type { CertificateInfo, TlsInfo } from '../../../src/telemetry/tls-info.ts';
import { ExchangeSpans } from '../../../src/telemetry/tracing/spans.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { prometheusText } from '../../support/prometheus-text.ts';
import { usedHeap } from '../../support/used-heap.ts';
import { testCluster, testListener, testStreamInfo } from '../stream-info-fixture.ts';

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
        source_cluster: 'Kubernetes',
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
        destination_cluster: 'Kubernetes',
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

const openMetrics = (registry: MetricsRegistry): string =>
  prometheusText(registry, { ...everything, format: 'openmetrics' });

const oneOverride = (metric: string, override: Partial<MetricOverride>): MetricsSettings => ({
  [metric]: { disabled: false, tags: {}, ...override },
});

t.test('gRPC messages are counted, and only those', (t) => {
  const { registry, metrics } = setUp();
  metrics.record(testStreamInfo());
  const info = testStreamInfo();
  Object.assign(info, { grpcStatus: 0, requestMessages: 3, responseMessages: 1 });
  metrics.record(info);
  metrics.record(info);
  for (const [name, count] of [
    ['istio_request_messages_total', 6],
    ['istio_response_messages_total', 2],
  ] as const) {
    const family = [...registry.values()].find((each) => each.name === name);
    const all = [...(family?.series() ?? [])];
    t.same(
      all.map(({ slot }) => slot.value),
      [count],
      name,
    );
  }
  t.end();
});

t.test('certificates say who is at the ends', (t) => {
  const { metrics, series } = setUp();
  const named = (name: string): CertificateInfo =>
    ({ uris: [`spiffe://mesh/ns/default/sa/${name}`] }) as unknown as CertificateInfo;
  const tlsOf = (peer: CertificateInfo | null): TlsInfo => ({
    version: 'TLSv1.3',
    cipher: '',
    peer,
    local: named('self'),
    forwardedCertificate: null,
  });
  for (const tls of [tlsOf(named('a')), tlsOf(named('b')), tlsOf(named('a')), tlsOf(null)]) {
    const info = testStreamInfo(testListener('inbound'));
    info.tls = tls;
    metrics.record(info);
  }
  t.same(
    series().map(({ labels, value }) => [
      labels['source_principal'],
      labels['destination_principal'],
      labels['connection_security_policy'],
      value,
    ]),
    [
      ['spiffe://mesh/ns/default/sa/a', 'spiffe://mesh/ns/default/sa/self', 'mutual_tls', 2],
      ['spiffe://mesh/ns/default/sa/b', 'spiffe://mesh/ns/default/sa/self', 'mutual_tls', 1],
      ['unknown', 'spiffe://mesh/ns/default/sa/self', 'none', 1],
    ],
  );
  t.end();
});

t.test('at the source the certificates of the connection to the endpoint do', (t) => {
  const { metrics, series } = setUp();
  const info = testStreamInfo();
  const uris = (name: string) =>
    ({ uris: [`spiffe://mesh/${name}`] }) as unknown as CertificateInfo;
  info.upstreamTls = {
    ...{ version: '', cipher: '', forwardedCertificate: null },
    ...{ peer: uris('server'), local: uris('client') },
  };
  metrics.record(info);
  t.match(series()[0]?.labels, {
    source_principal: 'spiffe://mesh/client',
    destination_principal: 'spiffe://mesh/server',
    connection_security_policy: 'unknown',
  });
  t.end();
});

t.test('a label is left out, another one set by an expression', (t) => {
  const registry = new MetricsRegistry();
  const tags = { destination_app: null, request_host: 'request.host', route: 'xds.route_name' };
  const client = oneOverride('istio_requests_total', { tags });
  const metrics = new RequestMetrics(registry, proxy, { client, server: {} });
  for (const authority of ['a.example', 'b.example', 'a.example']) {
    const info = testStreamInfo();
    info.authority = authority;
    metrics.record(info);
  }
  metrics.record(testStreamInfo(testListener('inbound')));
  const families = [...registry.values()].filter(({ name }) => name === 'istio_requests_total');
  t.equal(families.length, 2, 'each side has labels of its own');
  const [source, destination] = families;
  t.notOk(source?.labelNames.includes('destination_app'));
  t.ok(destination?.labelNames.includes('destination_app'));
  t.same(
    [...(source?.series() ?? [])].map(({ labels, slot }) => [...labels.slice(-2), slot.value]),
    [
      ['a.example', 'canary', 2],
      ['b.example', 'canary', 1],
    ],
  );
  const [durations] = [...registry.histograms()];
  t.same(
    [...(durations?.series() ?? [])].map(({ slot }) => slot.count),
    [3],
    'others stay',
  );
  const text = prometheusText(registry);
  t.equal(text.match(/^# TYPE istio_requests_total counter$/gm)?.length, 1);
  t.end();
});

t.test('without a value it is unknown, credentials are not shown, long values are cut', (t) => {
  const registry = new MetricsRegistry();
  const tags = {
    absent: 'request.headers["x-absent"]',
    secret: 'request.headers["cookie"]',
    agent: 'request.headers["user-agent"]',
  };
  const client = oneOverride('istio_requests_total', { tags });
  const metrics = new RequestMetrics(registry, proxy, { client, server: {} });
  const info = testStreamInfo();
  info.requestHeaders?.set('user-agent', 'x'.repeat(10_000));
  info.requestHeaders?.set('cookie', 'session=1');
  metrics.record(info);
  const [family] = [...registry.values()];
  const [only] = [...(family?.series() ?? [])];
  t.same(only?.labels.slice(-3), ['unknown', '<redacted>', 'x'.repeat(256)]);
  t.end();
});

t.test('what is disabled is not there, and a change begins anew', (t) => {
  const registry = new MetricsRegistry();
  const names = (): string[] =>
    [...registry.values(), ...registry.histograms()].map(({ name }) => name).sort();
  const metrics = new RequestMetrics(registry, proxy);
  metrics.record(testStreamInfo());
  const all = names();
  t.equal(all.length, 6);
  const one = oneOverride('istio_request_bytes', { disabled: true });
  metrics.follow(proxy, { client: one, server: one });
  t.same(
    names(),
    all.filter((name) => name !== 'istio_request_bytes'),
  );
  metrics.record(testStreamInfo());
  const off = Object.assign({}, ...all.map((name) => oneOverride(name, { disabled: true })));
  metrics.follow(proxy, { client: off, server: off });
  metrics.record(testStreamInfo());
  t.same(names(), []);
  metrics.follow(proxy);
  metrics.record(testStreamInfo());
  t.same(names(), all);
  t.end();
});

t.test('what was sampled is an exemplar of its bucket', (t) => {
  const { registry, metrics } = setUp();
  const info = testStreamInfo();
  info.trace = 'abc';
  metrics.record(info);
  t.notMatch(openMetrics(registry), /trace_id/, 'a trace that is not recorded is none');
  const trace = {
    ...{ traceId: 'abc', spanId: '1', parentSpanId: null, sampling: 'accept' as const },
    ...{ randomTraceId: false, traceState: null, isNew: true },
    ...{ w3c: true, b3Single: false, b3Multi: false },
  };
  info.spans = new ExchangeSpans(trace, new ManualClock(), new SeededRandom(1));
  metrics.record(info);
  const text = openMetrics(registry);
  t.match(text, /istio_requests_total\{.*\} 2 # \{trace_id="abc"\} 12\.5 17952/);
  t.match(
    text,
    /istio_request_duration_milliseconds_bucket\{.*le="25\.0"\} 2 # \{trace_id="abc"\}/,
  );
  t.equal(text.match(/trace_id/g)?.length, 2);
  t.end();
});

t.test('10,000 routes and their statuses cost no memory without end', (t) => {
  const registry = new MetricsRegistry();
  const client = oneOverride('istio_requests_total', { tags: { path: 'request.path' } });
  const metrics = new RequestMetrics(registry, proxy, { client, server: {} });
  const info = testStreamInfo();
  const round = (): void => {
    for (let index = 0; index < 40_000; index++) {
      info.requestHeaders?.set('x-n', '1');
      info.path = `/route/${index % 10_000}`;
      info.status = 200 + (index >> 13);
      metrics.record(info);
    }
  };
  round();
  const [family] = [...registry.values()];
  t.equal([...(family?.series() ?? [])].length, 4097);
  const before = usedHeap();
  for (let times = 0; times < 3; times++) round();
  const grown = usedHeap() - before;
  t.ok(grown < 32 * 1024 * 1024, `${grown} bytes more`);
  t.end();
});

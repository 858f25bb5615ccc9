import t from 'tap';
import type { MetricsSettings } from '../../../src/model/metrics-settings.ts';
import type { ProxyIdentity } from '../../../src/model/proxy-identity.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { TcpMetrics } from '../../../src/telemetry/metrics/tcp-metrics.ts';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import { testListener, testStreamInfo } from '../stream-info-fixture.ts';

const proxy: ProxyIdentity = {
  namespace: 'web',
  labels: { app: 'client', 'topology.istio.io/cluster': 'east' },
  locality: { region: '', zone: '', subzone: '' },
  workload: 'client-v1',
};

/** Values of all series of a metric, with some of their labels. */
function read(registry: MetricsRegistry, name: string, ...labels: readonly string[]) {
  return [...registry.values()]
    .filter((family) => family.name === name)
    .flatMap((family) =>
      [...family.series()].map((series) => [
        ...labels.map((label) => series.labels[family.labelNames.indexOf(label)]),
        series.slot.value,
      ]),
    );
}

t.test('a connection is counted while it lasts, and by how it ended', (t) => {
  const registry = new MetricsRegistry();
  const metrics = new TcpMetrics(registry, proxy);
  const info = testStreamInfo();
  const counters = metrics.countersOf(info);
  counters.opened.value++;
  counters.sent.value += 5;
  t.equal(metrics.countersOf(info), counters, 'the same are found again');
  info.responseFlags = responseFlag.downstreamTermination;
  metrics.countersOf(info).closed.value++;
  const ends = ['reporter', 'source_cluster', 'destination_workload', 'response_flags'];
  const seen = ['source', 'east', 'reviews-v1'];
  t.same(read(registry, 'istio_tcp_connections_opened_total', ...ends), [
    [...seen, '-', 1],
    [...seen, 'DC', 0],
  ]);
  t.same(read(registry, 'istio_tcp_sent_bytes_total'), [[5], [0]]);
  t.end();
});

t.test('settings disable metrics of a side, and change their labels', (t) => {
  const registry = new MetricsRegistry();
  const metrics = new TcpMetrics(registry, proxy);
  const tags = { source_app: null, to: '"there"' };
  const client: MetricsSettings = {
    istio_tcp_sent_bytes_total: { disabled: true, tags: {} },
    istio_tcp_received_bytes_total: { disabled: false, tags },
  };
  metrics.follow(proxy, { client, server: {} });
  for (const direction of ['outbound', 'inbound'] as const) {
    const counters = metrics.countersOf(testStreamInfo(testListener(direction)));
    counters.sent.value += 5;
    counters.received.value += 7;
  }
  t.same(read(registry, 'istio_tcp_sent_bytes_total', 'reporter'), [['destination', 5]]);
  t.same(read(registry, 'istio_tcp_received_bytes_total', 'reporter', 'to', 'source_app'), [
    ['source', 'there', undefined, 7],
    ['destination', undefined, 'unknown', 7],
  ]);
  metrics.follow(proxy);
  t.same(read(registry, 'istio_tcp_received_bytes_total'), [], 'new labels begin anew');
  t.end();
});

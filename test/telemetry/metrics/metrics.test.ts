import t from 'tap';
import { Histogram } from '../../../src/telemetry/metrics/histogram.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { StatTagger, tagName } from '../../../src/telemetry/metrics/stat-tags.ts';
import { prometheusText } from '../../support/prometheus-text.ts';

t.test('a histogram counts a value in the first bucket whose bound it does not exceed', (t) => {
  const histogram = new Histogram([1, 10, 100]);
  for (const value of [0, 1, 1.5, 10, 11, 1000]) histogram.observe(value);
  t.same(histogram.cumulativeCounts(), [2, 4, 5, 6]);
  t.equal(histogram.sum, 1023.5);
  t.equal(histogram.count, 6);
  histogram.reset();
  t.equal(histogram.count + histogram.sum, 0);
  t.end();
});

t.test('one label set has one slot', (t) => {
  const family = new MetricsRegistry().counter({ name: 'a', help: '', labelNames: ['x', 'y'] });
  t.equal(family.slot(['1', '2']), family.slot(['1', '2']));
  t.not(family.slot(['1', '2']), family.slot(['12', '']));
  t.end();
});

t.test('that label sets were counted together is told', (t) => {
  const registry = new MetricsRegistry();
  const family = registry.counter({ name: 'c', help: '', labelNames: ['l'], maxSeries: 1 });
  family.slot(['a']);
  t.notMatch(prometheusText(registry), /overflow/);
  family.slot(['b']);
  family.slot(['c']);
  t.match(prometheusText(registry), /^sluice_metrics_overflow_total\{metric="c"\} 2$/m);
  t.end();
});

t.test('label sets beyond the limit are counted together', (t) => {
  const registry = new MetricsRegistry();
  const family = registry.counter({ name: 'a', help: '', labelNames: ['x'], maxSeries: 2 });
  for (let i = 0; i < 100; i++) family.slot([String(i)]).value++;
  const seen = [...family.series()].map(({ labels, slot }) => [labels[0], slot.value]);
  t.same(seen, [
    ['0', 1],
    ['1', 1],
    ['overflow', 98],
  ]);
  t.end();
});

t.test('samples of one name are added up, in order of names', (t) => {
  const registry = new MetricsRegistry();
  registry.addCollector(() => [
    { kind: 'counter', name: 'b', value: 1 },
    { kind: 'gauge', name: 'a', value: 5 },
  ]);
  registry.addCollector(() => [{ kind: 'counter', name: 'b', value: 2 }]);
  t.same(
    registry.samples().map(({ name, value }) => [name, value]),
    [
      ['a', 5],
      ['b', 3],
    ],
  );
  t.end();
});

t.test('a reset zeroes counters and histograms, keeps gauges, and slots stay valid', (t) => {
  const registry = new MetricsRegistry();
  const counter = registry.counter({ name: 'c', help: '', labelNames: [] }).slot([]);
  const gauge = registry.gauge({ name: 'g', help: '', labelNames: [] }).slot([]);
  const options = { name: 'h', help: '', labelNames: [], bounds: [1] };
  const histogram = registry.histogram(options).slot([]);
  let total = 7;
  registry.addCollector(() => [
    { kind: 'counter', name: 'total', value: total },
    { kind: 'gauge', name: 'active', value: 3 },
  ]);
  counter.value = 4;
  gauge.value = 4;
  histogram.observe(1);
  registry.reset();
  t.equal(counter.value, 0);
  t.equal(gauge.value, 4);
  t.equal(histogram.count, 0);
  const values = (): number[] => registry.samples().map(({ value }) => value);
  t.same(values(), [3, 0]);
  total = 9;
  t.same(values(), [3, 2]);
  total = 1;
  t.same(values(), [3, 1], 'an owner that began anew counts from zero');
  t.end();
});

const names: readonly (readonly [stat: string, name: string, labels: string])[] = [
  [
    'cluster.outbound|80||a.default.svc.cluster.local;.upstream_rq_total',
    'envoy_cluster_upstream_rq_total',
    'cluster_name="outbound|80||a.default.svc.cluster.local"',
  ],
  [
    'cluster.outbound|80||a;.upstream_rq_503',
    'envoy_cluster_upstream_rq',
    'cluster_name="outbound|80||a",response_code="503"',
  ],
  [
    'cluster.a;.circuit_breakers.default.rq_open',
    'envoy_cluster_circuit_breakers_default_rq_open',
    'cluster_name="a"',
  ],
  [
    'http.outbound_0.0.0.0_80;.downstream_rq_2xx',
    'envoy_http_downstream_rq',
    'http_conn_manager_prefix="outbound_0.0.0.0_80",response_code_class="2xx"',
  ],
  [
    'listener.127.0.0.1_8080.downstream_cx_active',
    'envoy_listener_downstream_cx_active',
    'listener_address="127.0.0.1_8080"',
  ],
  [
    'listener.[::1]_8080.downstream_cx_total',
    'envoy_listener_downstream_cx_total',
    'listener_address="[::1]_8080"',
  ],
  [
    'listener.127.0.0.1_8080.http.outbound_0.0.0.0_80;.downstream_rq_5xx',
    'envoy_listener_http_downstream_rq',
    'listener_address="127.0.0.1_8080",http_conn_manager_listener_prefix="outbound_0.0.0.0_80",response_code_class="5xx"',
  ],
  ['filesystem.write_failed', 'envoy_filesystem_write_failed', ''],
  ['sluice_access_log_lines_dropped_total', 'sluice_access_log_lines_dropped_total', ''],
];

for (const [stat, name, labels] of names) {
  t.test(`${stat} in Prometheus`, (t) => {
    t.same(tagName(stat), { name, labels });
    t.same(new StatTagger().tag(stat), { name, labels });
    t.end();
  });
}

t.test('the text format: help, types, escapes, buckets, groups', (t) => {
  const registry = new MetricsRegistry();
  const labelNames = ['path'];
  const help = 'Back\\slash\nand "quotes"';
  registry.counter({ name: 'c_total', help, labelNames }).slot(['a"b\\c\nd']).value = 2;
  registry.gauge({ name: 'g', help: 'Gauge', labelNames: [] }).slot([]).value = 1.5;
  const histogram = registry.histogram({ name: 'h', help: 'H', labelNames, bounds: [0.5, 1] });
  histogram.slot(['x']).observe(0.7);
  registry.addCollector(() => [
    { kind: 'counter', name: 'cluster.a;.upstream_rq_total', value: 1 },
    { kind: 'gauge', name: 'cluster.a;.upstream_rq_active', value: 0 },
    { kind: 'counter', name: 'cluster.b;.upstream_rq_total', value: 2 },
  ]);
  t.equal(
    prometheusText(registry),
    `# HELP c_total Back\\\\slash\\nand "quotes"
# TYPE c_total counter
c_total{path="a\\"b\\\\c\\nd"} 2
# HELP g Gauge
# TYPE g gauge
g 1.5
# HELP h H
# TYPE h histogram
h_bucket{path="x",le="0.5"} 0
h_bucket{path="x",le="1"} 1
h_bucket{path="x",le="+Inf"} 1
h_sum{path="x"} 0.7
h_count{path="x"} 1
# HELP envoy_cluster_upstream_rq_active Envoy's cluster.*.upstream_rq_active, see docs/metrics.md
# TYPE envoy_cluster_upstream_rq_active gauge
envoy_cluster_upstream_rq_active{cluster_name="a"} 0
# HELP envoy_cluster_upstream_rq_total Envoy's cluster.*.upstream_rq_total, see docs/metrics.md
# TYPE envoy_cluster_upstream_rq_total counter
envoy_cluster_upstream_rq_total{cluster_name="a"} 1
envoy_cluster_upstream_rq_total{cluster_name="b"} 2
`,
  );
  t.end();
});

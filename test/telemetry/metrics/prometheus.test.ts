/** OpenMetrics, what is chosen to be shown, and what promtool says of it. */

import { spawnSync } from 'node:child_process';
import t from 'tap';
import { LogLinearBins } from '../../../src/base/log-linear-bins.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { everything } from '../../../src/telemetry/metrics/prometheus.ts';
import { prometheusText } from '../../support/prometheus-text.ts';

function binsOf(...values: readonly number[]): LogLinearBins {
  const bins = new LogLinearBins();
  for (const value of values) bins.add(value);
  return bins;
}

/** One of each kind, some of them traced. */
function filledRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const labelNames = ['route'];
  const requests = registry.counter({ name: 'istio_requests_total', help: 'All', labelNames });
  const exemplar = { traceId: 'abc1', value: 7, wall: 1_500 };
  Object.assign(requests.slot(['a"\\']), { value: 3, exemplar });
  registry.gauge({ name: 'g', help: 'A "gauge"', labelNames: [] }).slot([]).value = 0;
  const sizes = registry.histogram({ name: 'h', help: 'H', labelNames, bounds: [0.5, 10] });
  const slot = sizes.slot(['x']);
  slot.keepExemplar(slot.observe(7), exemplar);
  slot.observe(70);
  registry.addCollector(() => [
    { kind: 'counter', name: 'cluster.a;.upstream_rq_503', value: 1 },
    { kind: 'counter', name: 'cluster.a;.upstream_rq_total', value: 1 },
    { kind: 'counter', name: 'cluster.a;.upstream_cx_total', value: 0 },
    { kind: 'gauge', name: 'server.live', value: 1 },
  ]);
  registry.addHistograms({
    collect: () => [
      { name: 'cluster.a;.upstream_rq_time', cumulative: binsOf(0, 5, 7), interval: binsOf() },
      { name: 'cluster.b;.upstream_rq_time', cumulative: binsOf(), interval: binsOf() },
    ],
    endInterval: () => {},
    reset: () => {},
  });
  return registry;
}

t.test('OpenMetrics: families without _total, exemplars, bounds with a point, an end', (t) => {
  const text = prometheusText(filledRegistry(), { ...everything, format: 'openmetrics' });
  const head = text.slice(0, text.indexOf('# TYPE envoy_cluster_upstream_rq_time'));
  t.equal(
    head,
    `# TYPE istio_requests counter
# HELP istio_requests All
istio_requests_total{route="a\\"\\\\"} 3 # {trace_id="abc1"} 7 1.5
# TYPE g gauge
# HELP g A \\"gauge\\"
g 0
# TYPE h histogram
# HELP h H
h_bucket{route="x",le="0.5"} 0
h_bucket{route="x",le="10.0"} 1 # {trace_id="abc1"} 7 1.5
h_bucket{route="x",le="+Inf"} 2
h_count{route="x"} 2
h_sum{route="x"} 77
# TYPE envoy_cluster_upstream_cx counter
# HELP envoy_cluster_upstream_cx Envoy's cluster.*.upstream_cx_total, see docs/metrics.md
envoy_cluster_upstream_cx_total{cluster_name="a"} 0
# TYPE envoy_cluster_upstream_rq unknown
# HELP envoy_cluster_upstream_rq Envoy's cluster.*.upstream_rq_<status>, see docs/metrics.md
envoy_cluster_upstream_rq{cluster_name="a",response_code="503"} 1
# TYPE envoy_cluster_upstream_rq_total unknown
# HELP envoy_cluster_upstream_rq_total Envoy's cluster.*.upstream_rq_total, see docs/metrics.md
envoy_cluster_upstream_rq_total{cluster_name="a"} 1
# TYPE envoy_server_live gauge
# HELP envoy_server_live Envoy's server.live, see docs/metrics.md
envoy_server_live 1
`,
  );
  t.match(text, /envoy_cluster_upstream_rq_time_bucket\{cluster_name="a",le="5\.0"\} 2\n/);
  t.match(text, /envoy_cluster_upstream_rq_time_sum\{cluster_name="a"\} 12\n# EOF\n$|# EOF\n$/);
  t.end();
});

t.test('names of samples are the same in both formats', (t) => {
  const namesOf = (format: 'text' | 'openmetrics'): string[] => {
    const text = prometheusText(filledRegistry(), { ...everything, format });
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return [...new Set(lines.map((line) => line.replace(/[{ ].*$/, '')))].sort();
  };
  t.same(namesOf('openmetrics'), namesOf('text'));
  t.end();
});

t.test('only what is used, only what a filter matches', (t) => {
  const used = prometheusText(filledRegistry(), { ...everything, usedOnly: true });
  t.notMatch(used, /^g /m);
  t.notMatch(used, /upstream_cx_total|cluster_name="b"/);
  t.match(used, /^envoy_server_live 1$/m);
  const matches = (name: string): boolean => name.startsWith('istio_');
  t.match(
    prometheusText(filledRegistry(), { ...everything, matches }),
    /^# HELP istio[^#]*#[^#]*$/,
  );
  t.equal(prometheusText(filledRegistry(), { ...everything, matches: () => false }), '');
  t.end();
});

/** Names are Istio's and Envoy's, whatever promtool thinks of them. */
const aboutNames = /counter metrics should have "_total" suffix|use base unit/;

t.test('promtool reads the text and finds nothing but names to say of it', (t) => {
  const input = prometheusText(filledRegistry());
  const run = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  if (run.error !== undefined) {
    t.comment(`skipped: promtool cannot be run (${run.error.message})`);
    t.end();
    return;
  }
  const said = `${run.stdout}${run.stderr}`.split('\n').filter((line) => line !== '');
  t.same(
    said.filter((line) => !aboutNames.test(line)),
    [],
  );
  t.end();
});

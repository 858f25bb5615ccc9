import { spawnSync } from 'node:child_process';
import t from 'tap';
import { eventually } from '../support/deadline.ts';
import { startObservabilityDemo } from '../support/observability-demo.ts';
import type { Prometheus, PrometheusSample } from '../support/prometheus-client.ts';
import { type ShippedExpression, shippedExpressions } from '../support/shipped-expressions.ts';

// A real Prometheus (Debian: prometheus) scrapes the demo of config/observability, and is asked
// what Istio's and Kiali's dashboards ask, and everything that our own files ask.

t.setTimeout(90_000);

const missing = ['prometheus', 'promtool'].filter(
  (name) => spawnSync(name, ['--version']).error !== undefined,
);
const skip = missing.length > 0 && `not installed (Debian: prometheus): ${missing.join(', ')}`;
if (skip !== false) console.log(`# skipped: ${skip}`);

/** Labels of every metric of Istio (istio.io, reference/config/metrics). */
const endLabels = [
  ...['reporter', 'source_workload', 'source_workload_namespace', 'source_principal'],
  ...['source_app', 'source_version', 'source_cluster'],
  ...['source_canonical_service', 'source_canonical_revision'],
  ...['destination_workload', 'destination_workload_namespace', 'destination_principal'],
  ...['destination_app', 'destination_version', 'destination_cluster'],
  ...['destination_service', 'destination_service_name', 'destination_service_namespace'],
  ...['destination_canonical_service', 'destination_canonical_revision'],
  ...['request_protocol', 'response_flags', 'connection_security_policy'],
];
const requestLabels = [...endLabels, 'response_code'];

/** What Kiali groups by to draw its graph. */
const graphLabels = [
  ...['source_cluster', 'source_workload_namespace', 'source_workload'],
  ...['source_canonical_service', 'source_canonical_revision'],
  ...['destination_cluster', 'destination_service_namespace', 'destination_service'],
  ...['destination_service_name', 'destination_workload_namespace', 'destination_workload'],
  ...['destination_canonical_service', 'destination_canonical_revision'],
];
const httpGraph = [
  ...graphLabels,
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
].join(', ');
const tcpGraph = [...graphLabels, 'response_flags'].join(', ');

const reviews = 'destination_service="reviews.default.svc.cluster.local"';
const fromReviews = 'destination_workload_namespace="default",destination_workload=~"reviews-v.*"';

/** In the manner of Istio's dashboards, Kiali's graph and its metrics tabs. */
const communityQueries: readonly string[] = [
  // Istio: mesh, service, workload.
  'sum(rate(istio_requests_total{reporter=~"source|waypoint"}[15s]))',
  'sum(rate(istio_requests_total{reporter="source",response_code!~"5.*"}[15s])) / sum(rate(istio_requests_total{reporter="source"}[15s]))',
  'sum(rate(istio_requests_total{reporter="source",response_code=~"4.*"}[15s]))',
  `sum(irate(istio_requests_total{reporter="source",${reviews}}[15s])) by (source_workload, source_workload_namespace, response_code)`,
  'sum(irate(istio_requests_total{reporter="source",connection_security_policy!="mutual_tls"}[15s])) by (response_code)',
  'sum(rate(istio_requests_total{reporter="destination",connection_security_policy="none"}[15s])) by (source_workload, response_code)',
  'label_join(sum(rate(istio_requests_total{reporter="source",response_code="200"}[15s])) by (destination_workload, destination_workload_namespace, destination_service), "destination_workload_var", ".", "destination_workload", "destination_workload_namespace")',
  ...[0.5, 0.9, 0.95, 0.99].map(
    (q) =>
      `histogram_quantile(${q}, sum(irate(istio_request_duration_milliseconds_bucket{reporter="source",${reviews}}[15s])) by (le, destination_workload))`,
  ),
  ...['istio_request_bytes', 'istio_response_bytes', 'istio_request_duration_milliseconds'].map(
    (name) =>
      `histogram_quantile(0.95, sum(rate(${name}_bucket{reporter="destination"}[15s])) by (le))`,
  ),
  ...['opened', 'closed'].map(
    (name) =>
      `sum(rate(istio_tcp_connections_${name}_total{reporter="source",destination_service="echo.example"}[15s])) by (source_workload)`,
  ),
  ...['sent', 'received'].map(
    (name) =>
      `sum(irate(istio_tcp_${name}_bytes_total{reporter="source"}[15s])) by (destination_service)`,
  ),
  'sum(rate(istio_requests_total{reporter="source",request_protocol="grpc",grpc_response_status="0"}[15s]))',
  // Kiali: the graph, from either end, of HTTP, gRPC and TCP.
  `sum(rate(istio_requests_total{reporter="source",source_workload_namespace="default"}[15s])) by (${httpGraph}) > 0`,
  `sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="default"}[15s])) by (${httpGraph}) > 0`,
  `sum(rate(istio_tcp_sent_bytes_total{reporter="source",source_workload_namespace="default"}[15s])) by (${tcpGraph}) > 0`,
  `sum(rate(istio_tcp_received_bytes_total{reporter="source"}[15s])) by (${tcpGraph}) > 0`,
  // Kiali: latency, health and metrics of one workload.
  `histogram_quantile(0.95, sum(rate(istio_request_duration_milliseconds_bucket{reporter="source",${fromReviews}}[15s])) by (le, ${graphLabels.join(', ')}))`,
  `sum(rate(istio_request_duration_milliseconds_sum{${fromReviews}}[15s])) / sum(rate(istio_request_duration_milliseconds_count{${fromReviews}}[15s]))`,
  `sum(rate(istio_requests_total{${fromReviews}}[15s])) by (source_canonical_service, request_protocol, response_code, grpc_response_status)`,
  'sum(rate(istio_request_bytes_sum{reporter="source"}[15s]))',
  'sum(rate(istio_response_bytes_sum{reporter="source"}[15s])) > 0',
  'group(istio_requests_total{destination_canonical_service="reviews"}) by (destination_canonical_revision)',
];

/**
 * What has nothing to show in the demo, by the end of its place: nothing is broken there, and
 * nothing of it uses TLS.
 */
const emptyInTheDemo: readonly RegExp[] = [
  /^sluice-proxy: TLS of clients/,
  /^sluice-proxy: Endpoints ejected now/,
  /^sluice-proxy: Endpoints that may be used/,
  /^sluice-proxy: Circuit breakers that are open/,
];

/** Expressions without an answer yet, each with what Prometheus said. */
async function unanswered(
  prometheus: Prometheus,
  expressions: readonly { readonly where: string; readonly expr: string }[],
): Promise<string[]> {
  const answers = await Promise.all(
    expressions.map(async ({ where, expr }) => {
      try {
        const samples = await prometheus.query(expr);
        return samples.some(({ value }) => !Number.isNaN(value)) ? null : `${where}: no data`;
      } catch (error) {
        return `${where}: ${(error as Error).message}`;
      }
    }),
  );
  return answers.filter((answer) => answer !== null);
}

async function eventuallyAnswered(
  prometheus: Prometheus,
  expressions: readonly { readonly where: string; readonly expr: string }[],
): Promise<string[]> {
  let left: string[] = [];
  try {
    await eventually('answers', { within: 25_000, every: 500 }, async () => {
      left = await unanswered(prometheus, expressions);
      return left.length === 0;
    });
  } catch {
    // What is left says more than that it took too long.
  }
  return left;
}

function missingLabels(samples: readonly PrometheusSample[], labels: readonly string[]): string[] {
  return samples.flatMap(({ metric }) => labels.filter((label) => !metric[label]));
}

t.test('Prometheus scrapes the demo of config/observability', { skip }, async (t) => {
  const { prometheus, admin } = await startObservabilityDemo(t);

  await t.test('it takes every sample, and promtool finds nothing wrong', async (t) => {
    const health = await eventually('a scrape', { within: 20_000, every: 100 }, async () => {
      const { activeTargets } = (await prometheus.get('targets')) as {
        activeTargets: readonly { health: string; lastError: string }[];
      };
      const [target] = activeTargets;
      return target !== undefined && target.health !== 'unknown' && target;
    });
    t.match(health, { health: 'up', lastError: '' });
    const text = await (await fetch(`http://127.0.0.1:${admin}/stats/prometheus`)).text();
    const check = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    // 3 is advice on names and texts, of which most are Envoy's and Istio's.
    t.ok([0, 3].includes(check.status ?? -1), `promtool ended with ${check.status}`);
    const advice = /no help text|metrics should (not )?have|base unit|abbreviated units/;
    const errors = `${check.stdout}${check.stderr}`.split('\n').filter((it) => !advice.test(it));
    t.strictSame(errors.join(''), '');
  });

  await t.test('what Istio and Kiali ask has answers', async (t) => {
    const asked = communityQueries.map((expr) => ({ where: expr, expr }));
    t.strictSame(await eventuallyAnswered(prometheus, asked), []);
  });

  await t.test('every metric has every label, from both ends', async (t) => {
    for (const reporter of ['source', 'destination']) {
      const requests = await prometheus.query(`istio_requests_total{reporter="${reporter}"}`);
      t.ok(requests.length > 0, reporter);
      t.strictSame(missingLabels(requests, requestLabels), [], reporter);
    }
    const tcp = await prometheus.query('istio_tcp_connections_opened_total');
    t.strictSame(missingLabels(tcp, endLabels), []);
    const grpc = await prometheus.query('istio_requests_total{request_protocol="grpc"}');
    t.strictSame(missingLabels(grpc, [...requestLabels, 'grpc_response_status']), []);
  });

  await t.test('exemplars lead to traces', async (t) => {
    const series = await eventually('exemplars', { within: 20_000, every: 200 }, async () => {
      const found = (await prometheus.get('query_exemplars', {
        query: 'istio_request_duration_milliseconds_bucket',
        start: String(Date.now() / 1000 - 60),
        end: String(Date.now() / 1000 + 60),
      })) as readonly { exemplars: readonly { labels: Record<string, string> }[] }[];
      return found.length > 0 && found;
    });
    t.match(series[0]?.exemplars[0]?.labels, { trace_id: /^[0-9a-f]{32}$/ });
  });

  const isEmpty = ({ where, kind }: ShippedExpression): boolean =>
    kind === 'alert' || emptyInTheDemo.some((pattern) => pattern.test(where));
  const shipped = shippedExpressions();

  await t.test('every shipped expression can be asked', async (t) => {
    const answers = await unanswered(prometheus, shipped);
    t.strictSame(
      answers.filter((answer) => !answer.endsWith(': no data')),
      [],
    );
  });

  await t.test('Prometheus works out every rule, and the demo is well', async (t) => {
    interface Rule {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
      readonly state?: string;
    }
    const rules = await eventually('rules', { within: 20_000, every: 200 }, async () => {
      const { groups } = (await prometheus.get('rules')) as { groups: { rules: Rule[] }[] };
      const all = groups.flatMap((group) => group.rules);
      return all.every(({ health }) => health !== 'unknown') && all;
    });
    const unwell = rules.filter(({ health }) => health !== 'ok');
    t.strictSame(unwell, []);
    const pages = rules.filter(({ state }) => state === 'firing').map(({ name }) => name);
    // The load has gRPC calls and requests that fail, which is what this alert is for.
    const expected = ['SluiceServiceFailing'];
    t.strictSame(
      pages.filter((name) => !expected.includes(name)),
      [],
    );
  });

  await t.test('every panel, variable and recording rule has data', async (t) => {
    const expected = shipped.filter((expression) => !isEmpty(expression));
    t.ok(expected.length > 150, `${expected.length} expressions`);
    t.strictSame(await eventuallyAnswered(prometheus, expected), []);
  });
});

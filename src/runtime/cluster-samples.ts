/** The counters, gauges and histograms of a cluster under Envoy's names. */

import { LogLinearBins } from '../base/log-linear-bins.ts';
import type { LogLinearHistogram } from '../base/log-linear-histogram.ts';
import { ClusterStats } from '../cluster/cluster-stats.ts';
import type { GrpcCounts } from '../cluster/grpc-counts.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { ResponseCounts } from '../cluster/response-counts.ts';
import type { HistogramSample, Sample } from '../telemetry/metrics/sample.ts';

type StatField = {
  [field in keyof ClusterStats]: ClusterStats[field] extends number ? field : never;
}[keyof ClusterStats];

interface StatRow {
  readonly field: StatField;
  /** Below `cluster.<name>;.`. */
  readonly name: string;
  readonly kind: Sample['kind'];
}

/** Every number of ClusterStats: their names are Envoy's in another spelling. */
const clusterStatRows: readonly StatRow[] = Object.entries(new ClusterStats())
  .filter(([, value]) => typeof value === 'number')
  .map(([field]) => {
    const snake = field
      .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      .replace(/(rq|consecutive)(\d)/, '$1_$2');
    return {
      field: field as StatField,
      name: nested(snake),
      kind: /_active$|^health_check_healthy$/.test(snake) ? 'gauge' : 'counter',
    };
  });

/** What Envoy keeps below a name of its own. */
function nested(name: string): string {
  if (name.startsWith('ejections_')) return `outlier_detection.${name}`;
  if (name === 'upstream_context_secrets_not_ready') return `client_ssl_socket_factory.${name}`;
  return name.replace(/^(health_check|http2|ssl)_/, '$1.');
}

function isOfTls(name: string): boolean {
  return name.startsWith('ssl.') || name.startsWith('client_ssl_socket_factory.');
}

/** Istio ends the name of a cluster with `;` in statistics. */
function prefixOf(cluster: LiveCluster): string {
  return `cluster.${cluster.name};.`;
}

export function* clusterSamples(cluster: LiveCluster): Iterable<Sample> {
  const prefix = prefixOf(cluster);
  const { stats, breaker } = cluster;
  for (const { field, name, kind } of clusterStatRows) {
    if (cluster.model.healthCheck === null && name.startsWith('health_check.')) continue;
    if (cluster.model.tls === null && isOfTls(name)) continue;
    yield { kind, name: prefix + name, value: stats[field] };
  }
  for (const [name, value] of responseCounters(stats)) {
    yield { kind: 'counter', name: prefix + name, value };
  }
  const gauges: readonly (readonly [string, number | boolean])[] = [
    ['membership_total', cluster.endpoints.length],
    ['membership_healthy', cluster.membershipHealthy],
    // Endpoints are healthy or not, and all of them are chosen among.
    ['membership_degraded', 0],
    ['membership_excluded', 0],
    ['circuit_breakers.default.cx_open', breaker.connectionsOpen],
    ['circuit_breakers.default.rq_open', breaker.requestsOpen],
    ['circuit_breakers.default.rq_pending_open', breaker.pendingOpen],
    ['circuit_breakers.default.rq_retry_open', breaker.retriesOpen],
  ];
  for (const [name, value] of gauges) {
    yield { kind: 'gauge', name: prefix + name, value: Number(value) };
  }
}

/** Milliseconds. */
export function* clusterHistograms(cluster: LiveCluster): Iterable<HistogramSample> {
  const prefix = prefixOf(cluster);
  const { rqTime, cxConnectMs, cxLengthMs, internal } = cluster.stats;
  yield sampleOf(`${prefix}upstream_cx_connect_ms`, cxConnectMs);
  yield sampleOf(`${prefix}upstream_cx_length_ms`, cxLengthMs);
  const all = sampleOf(`${prefix}upstream_rq_time`, rqTime);
  yield all;
  if (!rqTime.used) return;
  const inside = internal === null ? null : sampleOf('', internal.rqTime);
  if (inside !== null) yield { ...inside, name: `${prefix}internal.upstream_rq_time` };
  yield {
    name: `${prefix}external.upstream_rq_time`,
    cumulative: without(all.cumulative, inside?.cumulative ?? null),
    interval: without(all.interval, inside?.interval ?? null),
  };
}

function sampleOf(name: string, histogram: LogLinearHistogram): HistogramSample {
  return { name, cumulative: histogram.cumulative(), interval: histogram.interval() };
}

function without(all: LogLinearBins, part: LogLinearBins | null): LogLinearBins {
  const rest = new LogLinearBins();
  rest.addAll(all);
  if (part !== null) rest.addAll(part, -1);
  return rest;
}

type Counter = readonly [name: string, value: number];

/** Those that exist once there was such a response, as in Envoy. */
function* responseCounters(stats: ClusterStats): Iterable<Counter> {
  const statuses = stats
    .responsesByStatus()
    .map(([status, count]): Counter => [`upstream_rq_${status}`, count]);
  yield* statuses;
  const inside = new Map(countersOf(stats.internal?.responses ?? null));
  for (const [name, value] of inside) yield [`internal.${name}`, value];
  for (const [name, value] of [...classesOf(stats), ...statuses]) {
    const outside = value - (inside.get(name) ?? 0);
    if (outside > 0) yield [`external.${name}`, outside];
  }
  for (const [name, value] of countersOf(stats.retried)) yield [`retry.${name}`, value];
  if (stats.grpc !== null) yield* callCounters(stats.grpc);
}

function classesOf(stats: ClusterStats): readonly Counter[] {
  return [
    ['upstream_rq_completed', stats.upstreamRqCompleted],
    ['upstream_rq_1xx', stats.upstreamRq1xx],
    ['upstream_rq_2xx', stats.upstreamRq2xx],
    ['upstream_rq_3xx', stats.upstreamRq3xx],
    ['upstream_rq_4xx', stats.upstreamRq4xx],
    ['upstream_rq_5xx', stats.upstreamRq5xx],
  ];
}

function* countersOf(counts: ResponseCounts | null): Iterable<Counter> {
  if (counts === null) return;
  yield ['upstream_rq_completed', counts.completed];
  for (const [ofClass, count] of counts.classes()) yield [`upstream_rq_${ofClass}xx`, count];
  for (const [status, count] of counts.statuses()) yield [`upstream_rq_${status}`, count];
}

function* callCounters(grpc: GrpcCounts): Iterable<Counter> {
  yield ['grpc.total', grpc.success + grpc.failure];
  yield ['grpc.success', grpc.success];
  yield ['grpc.failure', grpc.failure];
  yield ['grpc.request_message_count', grpc.requestMessages];
  yield ['grpc.response_message_count', grpc.responseMessages];
  for (const [status, count] of grpc.statuses()) yield [`grpc.${status}`, count];
}

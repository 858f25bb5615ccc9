/** The counters and gauges of a cluster under Envoy's names. */

import { ClusterStats } from '../cluster/cluster-stats.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { Sample } from '../telemetry/sample.ts';

type StatField = Exclude<keyof ClusterStats, 'countResponse' | 'responsesByStatus'>;

interface StatRow {
  readonly field: StatField;
  /** Below `cluster.<name>;.`. */
  readonly name: string;
  readonly kind: Sample['kind'];
}

/** Every field of ClusterStats: their names are Envoy's in another spelling. */
const clusterStatRows: readonly StatRow[] = (Object.keys(new ClusterStats()) as StatField[]).map(
  (field) => {
    const snake = field
      .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      .replace(/(rq|consecutive)(\d)/, '$1_$2');
    return {
      field,
      name: nested(snake),
      kind: /_active$|^health_check_healthy$/.test(snake) ? 'gauge' : 'counter',
    };
  },
);

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
export function* clusterSamples(cluster: LiveCluster): Iterable<Sample> {
  const prefix = `cluster.${cluster.name};.`;
  const { stats, breaker } = cluster;
  for (const { field, name, kind } of clusterStatRows) {
    if (cluster.model.healthCheck === null && name.startsWith('health_check.')) continue;
    if (cluster.model.tls === null && isOfTls(name)) continue;
    yield { kind, name: prefix + name, value: stats[field] };
  }
  for (const [status, count] of stats.responsesByStatus()) {
    yield { kind: 'counter', name: `${prefix}upstream_rq_${status}`, value: count };
  }
  const gauges: readonly (readonly [string, number | boolean])[] = [
    ['membership_total', cluster.endpoints.length],
    ['membership_healthy', cluster.membershipHealthy],
    ['circuit_breakers.default.cx_open', breaker.connectionsOpen],
    ['circuit_breakers.default.rq_open', breaker.requestsOpen],
    ['circuit_breakers.default.rq_pending_open', breaker.pendingOpen],
    ['circuit_breakers.default.rq_retry_open', breaker.retriesOpen],
  ];
  for (const [name, value] of gauges) {
    yield { kind: 'gauge', name: prefix + name, value: Number(value) };
  }
}

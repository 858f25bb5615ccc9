/** Names of counters against those recorded from Istio and Envoy. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { clusterSamples } from '../../src/admin/cluster-samples.ts';
import { ListenerStats, listenerSamples } from '../../src/telemetry/listener-stats.ts';
import { testState } from '../admin/running-state-fixture.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { testListener } from '../telemetry/stream-info-fixture.ts';

const folder = dataSet('istio-envoy-2');
const skip = folder === null ? missingData('istio-envoy-2') : false;

/** Names without what varies: `cluster.*.upstream_rq_total`. */
function shape(name: string): string {
  return name
    .replace(/^cluster\.[^;]*;\./, 'cluster.*.')
    .replace(/^listener\..*?_(?:\d+|\$\{listen:\d+\})\./, 'listener.*.')
    .replace(/http\.(?:outbound|inbound)_[\d.]+_\d+;\./, 'http.*.')
    .replace(/upstream_rq_\d{3}$/, 'upstream_rq_*');
}

/** Recorded, and of no use to this proxy: bookkeeping of Envoy's own machinery. */
const notCounted = [
  /\.external\./,
  /\.retry\.upstream_rq_/,
  /\.circuit_breakers\.(?:high\.|default\.cx_pool_open)/,
  /\.default\.total_match_count$/,
  /\.membership_(?:degraded|excluded)$/,
  /\.warming_state$/,
  /_(?:rx|tx)_bytes_buffered$/,
  /\.downstream_cx_destroy_(?:active_rq|remote_active_rq)$/,
  /\.downstream_pre_cx_active$/,
  /\.worker_\d+\./,
];

/** Recorded for protocols that are not served yet. */
const otherProtocols = [/ssl/, /http2/, /\.grpc\./];

t.test('every counter that Envoy shows is shown or left out on purpose', { skip }, (t) => {
  const path = join(folder ?? '', 'stats.json');
  const { scenarios } = JSON.parse(readFileSync(path, 'utf8')) as {
    scenarios: { requests: { stats?: unknown; outcome: { stats?: Record<string, unknown> } }[] }[];
  };
  const recorded = new Set(
    scenarios
      .flatMap(({ requests }) => requests)
      .flatMap(({ outcome }) => Object.keys(outcome.stats ?? {}))
      .filter((name) => /^(?:cluster|http|listener)\./.test(name))
      .map(shape),
  );
  const { cluster } = testState();
  cluster.stats.countResponse(200);
  const ours = new Set(
    [...clusterSamples(cluster), ...listenerSamples(testListener(), new ListenerStats())].map(
      ({ name }) => shape(name),
    ),
  );
  const leftOut = [...notCounted, ...otherProtocols];
  const missing = [...recorded].filter(
    (name) => !ours.has(name) && !leftOut.some((pattern) => pattern.test(name)),
  );
  t.same(missing.sort(), []);
  const shared = [...recorded].filter((name) => ours.has(name)).length;
  t.ok(shared >= 60, `${shared} names are the same`);
  t.end();
});

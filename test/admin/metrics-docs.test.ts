/** What docs/metrics.md says of the process, of its managers and of histograms, both ways. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { serverSamples } from '../../src/admin/server-samples.ts';
import { clusterHistograms } from '../../src/runtime/cluster-samples.ts';
import { ManagerStats } from '../../src/runtime/manager-stats.ts';
import { listenerHistograms } from '../../src/telemetry/metrics/listener-samples.ts';
import { ListenerStats } from '../../src/telemetry/metrics/listener-stats.ts';
import { pem } from '../support/tls-fixtures.ts';
import { testListener } from '../telemetry/stream-info-fixture.ts';
import { testState } from './running-state-fixture.ts';

const docs = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');

function documented(pattern: RegExp): string[] {
  return [...new Set([...docs.matchAll(pattern)].map(([, name]) => name as string))].sort();
}

t.test('every gauge of the process and every counter of a manager is documented', (t) => {
  const now = { listeners: 1, drainingListeners: 0, clusters: 1, warmingClusters: 0 };
  const samples = [...serverSamples(testState(), 0), ...new ManagerStats().samples(now)];
  t.same(
    documented(/`((?:server|listener_manager|cluster_manager)\.(?!initialization)[a-z_]+)`/g),
    samples.map(({ name }) => name).sort(),
  );
  t.end();
});

t.test('every histogram is documented', (t) => {
  const { cluster } = testState();
  cluster.stats.recordTime(1, true);
  const samples = [
    ...clusterHistograms(cluster),
    ...listenerHistograms(testListener(), new ListenerStats()),
  ];
  const names = samples.map(({ name }) =>
    name
      .replace(/^cluster\.[^;]+;/, 'cluster.*')
      .replace(/^listener\.[\d.]+_\d+/, 'listener.*')
      .replace(/^http\.[^;]+;/, 'http.*'),
  );
  const table = docs.slice(docs.indexOf('### Histograms'));
  const section = table.slice(0, table.indexOf('\n### ', 1));
  const found = [...section.matchAll(/`([a-z]+\.[a-z0-9_.*]+)`/g)].map(([, name]) => name);
  t.same(found.sort(), [...names, 'server.initialization_time_ms'].sort());
  t.end();
});

t.test('the first certificate that ends counts, and what cannot be read does not', (t) => {
  const state = testState();
  const good = pem('client-good');
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const named = [{ name: 'a', pem: broken + good }];
  const certificates = () => [{ authorities: [], chain: named }];
  const samples = [...serverSamples({ ...state, certificates }, 0)];
  const days = samples.find(({ name }) => name.endsWith('cert_expiring'))?.value ?? 0;
  const ends = new X509Certificate(good).validToDate.getTime();
  t.equal(days, Math.max(0, Math.floor((ends - state.wall()) / 86_400_000)));
  t.end();
});

t.test('a process without certificates never sees one expire', (t) => {
  const samples = new Map(
    [...serverSamples(testState(), 3)].map(({ name, value }) => [name, value]),
  );
  t.equal(samples.get('server.days_until_first_cert_expiring'), 4_294_967_295);
  t.equal(samples.get('server.version'), 100);
  t.equal(samples.get('server.live'), 1);
  t.equal(samples.get('server.state'), 0);
  t.equal(samples.get('server.uptime'), 90);
  t.equal(samples.get('server.total_connections'), 3);
  t.end();
});

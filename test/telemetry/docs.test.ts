/** docs/access-log.md and docs/metrics.md against the code, both ways. */

import t from 'tap';
import { attributeNames, certificateAttributes } from '../../src/model/attributes.ts';
import { AccessLogStats } from '../../src/telemetry/access-log/access-log-stats.ts';
import { compileFormat } from '../../src/telemetry/format/format.ts';
import { operatorNames } from '../../src/telemetry/format/operators.ts';
import { unsupportedOperators } from '../../src/telemetry/format/simple-operators.ts';
import { ConfigMetrics } from '../../src/telemetry/metrics/config-metrics.ts';
import { istioLabelNames } from '../../src/telemetry/metrics/istio-labels.ts';
import { listenerSamples } from '../../src/telemetry/metrics/listener-samples.ts';
import { ListenerStats } from '../../src/telemetry/metrics/listener-stats.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { RequestMetrics } from '../../src/telemetry/metrics/request-metrics.ts';
import { TcpMetrics } from '../../src/telemetry/metrics/tcp-metrics.ts';
import { TcpProxyStats, tcpProxySamples } from '../../src/telemetry/metrics/tcp-proxy-stats.ts';
import { responseFlagNames } from '../../src/telemetry/response-flags.ts';
import { httpChain } from '../support/mesh-models.ts';
import { readDoc } from '../support/read-doc.ts';
import { tcpChain } from '../support/tcp-models.ts';
import { simpleTls } from '../support/tls-fixtures.ts';
import { testListener } from './stream-info-fixture.ts';

/** First groups of all matches, sorted, each once. */
function findAll(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((found) => found[1] as string))].sort();
}

const accessLog = readDoc('access-log.md');
/** Histograms have a section, and a test, of their own. */
const metrics = readDoc('metrics.md').replace(/### Histograms.*?(?=\n### )/s, '');

t.test('every operator is documented, and every documented one exists', (t) => {
  const rows = accessLog.split('\n').filter((line) => line.startsWith('| `%'));
  const cells = rows.map((row) => row.split('|')[1] ?? '').join();
  t.same(findAll(cells, /`%([A-Z0-9_]+)[(%:]/g), operatorNames());
  const accepted = accessLog.slice(accessLog.indexOf('never known:'));
  const section = accepted.slice(0, accepted.indexOf('## '));
  t.same(findAll(section, /`([A-Z0-9_]+)`/g), [...unsupportedOperators].sort());
  t.end();
});

t.test('every operator that is written in full in the docs compiles', (t) => {
  const table = accessLog.slice(accessLog.indexOf('| operator |'));
  for (const example of findAll(table, /`(%[A-Z0-9_]+(?:\([A-Z_]+\))?%)`/g)) {
    t.ok(compileFormat(example).ok, example);
  }
  t.end();
});

t.test('every attribute of expressions is documented, and every documented one exists', (t) => {
  const section = accessLog.slice(accessLog.indexOf('| object |'));
  const rows = section.slice(0, section.indexOf('\n\n')).split('\n').slice(2);
  const documented = new Map(
    rows.flatMap((row) => {
      const [, objects = '', attributes = ''] = row.split('|');
      const names = findAll(attributes.replaceAll(/\([^)]*\)/g, ''), /`([a-z0-9_]+)`/g);
      return findAll(objects, /`([a-z]+)`/g).map((object) => [object, names]);
    }),
  );
  const shared = documented.get('upstream')?.indexOf('connection') ?? -1;
  t.not(shared, -1, 'the attributes of TLS are listed once');
  documented.get('upstream')?.splice(shared, 1, ...certificateAttributes);
  for (const [object, names] of Object.entries(attributeNames)) {
    t.same(documented.get(object)?.sort(), [...names].sort(), object);
  }
  t.equal(documented.size, Object.keys(attributeNames).length);
  t.end();
});

t.test('every response flag is documented with its long name, in order', (t) => {
  const rows = [...accessLog.matchAll(/^\| `([A-Z]+)` \| (\w+) \|/gm)];
  t.same(
    rows.map(([, short, long]) => [short, long]),
    [...new Map(responseFlagNames.map(([, short, long]) => [short, long]))],
  );
  t.end();
});

t.test('every metric with labels is documented, with its labels', (t) => {
  const registry = new MetricsRegistry();
  const locality = { region: '', zone: '', subzone: '' };
  new RequestMetrics(registry, { namespace: '', labels: {}, locality, workload: '' });
  new TcpMetrics(registry, { namespace: '', labels: {}, locality, workload: '' });
  new ConfigMetrics(registry);
  const families = [...registry.values(), ...registry.histograms()];
  const names = families.map((family) => family.name).sort();
  t.match(metrics, '`sluice_metrics_overflow_total`');
  t.same(findAll(metrics, /^\| `((?:istio|sluice_config)_[a-z_]+)` \|/gm), names);
  for (const { name, type } of families) t.match(metrics, `| \`${name}\` | ${type} |`);
  const labelTable = metrics.slice(
    metrics.indexOf('| label |'),
    metrics.indexOf('A client cannot'),
  );
  const cells = labelTable.split('\n').map((row) => row.split('|')[1] ?? '');
  t.same(findAll(cells.join(), /`([a-z_]+)`/g), [...istioLabelNames].sort());
  t.end();
});

t.test('every counter of listeners and of the log is documented', (t) => {
  const listener = { ...testListener(), filterChains: [httpChain({ tls: simpleTls() })] };
  const samples = [
    ...listenerSamples(listener, new ListenerStats()),
    ...tcpProxySamples(tcpChain(), new TcpProxyStats()),
    ...new AccessLogStats().samples(),
  ];
  const names = samples.map(({ name }) =>
    name
      .replace(/^listener\.[\d.]+_\d+\./, 'listener.*.')
      .replace(/^tcp\.[^;]+;\./, 'tcp.*.')
      .replace(/http\.[a-z]+_[\d.]+_\d+;\./, 'http.*.'),
  );
  const documented = findAll(
    metrics,
    /`((?:listener\.\*|http\.\*|http2|tcp\.\*|proxy_proto|filesystem|access_logs)\.[a-z0-9_.*]+|sluice_access_log_[a-z_]+)`/g,
  );
  // The text introduces the prefixes themselves.
  t.same(documented, [...new Set(names)].sort());
  t.end();
});

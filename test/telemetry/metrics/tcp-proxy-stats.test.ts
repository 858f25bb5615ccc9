import t from 'tap';
import { tagName } from '../../../src/telemetry/metrics/stat-tags.ts';
import { TcpProxyStats, tcpProxySamples } from '../../../src/telemetry/metrics/tcp-proxy-stats.ts';
import { tcpChain } from '../../support/tcp-models.ts';

const origin = { kind: 'VirtualService', namespace: 'shop', name: 'db', file: '', line: 0 };

t.test('every field is shown', async (t) => {
  const stats = new TcpProxyStats();
  const fields = Object.keys(stats);
  for (const [index, field] of fields.entries()) Object.assign(stats, { [field]: index + 1 });
  const shown = [...tcpProxySamples(tcpChain(), stats)].map(({ value }) => value);
  t.same(
    shown.sort((a, b) => a - b),
    fields.map((_, index) => index + 1),
  );
});

t.test('names carry the cluster, or the resource that spreads over several', async (t) => {
  const names = (clusters: readonly string[]): string[] => {
    const weighted = clusters.map((cluster) => ({ cluster, weight: 1 }));
    const chain = tcpChain({ origin }, { clusters: weighted });
    return [...tcpProxySamples(chain, new TcpProxyStats())].map(({ name }) => name);
  };
  const cluster = 'outbound|9000||db.test';
  t.ok(names([cluster]).includes(`tcp.${cluster};.downstream_cx_total`));
  t.ok(names([cluster, 'b']).includes('tcp.db.shop;.downstream_cx_total'));
  t.ok(names([]).includes('tcp.db.shop;.idle_timeout'));
  t.same(tagName(`tcp.${cluster};.idle_timeout`), {
    name: 'envoy_tcp_idle_timeout',
    labels: `tcp_prefix="${cluster}"`,
  });
});

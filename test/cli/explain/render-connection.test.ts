import t from 'tap';
import { renderConnection } from '../../../src/cli/explain/render-connection.ts';
import { readAskedConnection } from '../../../src/explain/asked-connection.ts';
import { compileConfig } from '../../../src/explain/compile-config.ts';
import { explainConnection } from '../../../src/explain/explain-connection.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { type FilterChain, matchAny } from '../../../src/model/filter-chain.ts';
import { hash64 } from '../../cluster/cluster-fixture.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { tcpChain } from '../../support/tcp-models.ts';
import { mutualTls, pairSecret, simpleTls } from '../../support/tls-fixtures.ts';

// What becomes of a connection, in words.

interface Parts {
  readonly chains: readonly FilterChain[];
  readonly clusters?: readonly Cluster[];
  readonly serverName?: string;
  readonly certificate?: string;
}

function rendered({ chains, clusters = [], ...client }: Parts): string {
  const mesh = meshOf({ clusters, listeners: [listenerModel({ filterChains: chains })] });
  const asked = readAskedConnection({ to: 'x:80', ...client });
  if (!asked.ok) throw new Error(asked.error);
  const explained = explainConnection(
    compileConfig(mesh, hash64, [pairSecret('server-a')]),
    asked.value,
  );
  if (!explained.ok) throw new Error(explained.error);
  return renderConnection(explained.value, { color: false, isLive: false });
}

function firstLines(parts: Parts): string {
  return rendered(parts).split('\n').slice(0, 2).join(' ');
}

const both = tcpChain(
  {},
  {
    clusters: [
      { cluster: 'origin', weight: 3 },
      { cluster: 'empty', weight: 1 },
    ],
  },
);
const origin = clusterOf('origin', [81]);
const empty = clusterOf('empty', []);

t.test('the first line says what becomes of it', async (t) => {
  const chains = [tcpChain()];
  t.equal(firstLines({ chains, clusters: [origin] }), 'TCP to x:80   is passed on');
  t.match(firstLines({ chains, clusters: [origin], serverName: 'a.test' }), /80, TLS for a\.test /);
  t.match(firstLines({ chains }), /is closed: its cluster does not exist$/);
  t.match(firstLines({ chains: [both], clusters: [empty] }), /its clusters have no endpoints$/);
  const half = /is passed on, but 25 % goes where no endpoint is$/;
  t.match(firstLines({ chains: [both], clusters: [origin, empty] }), half);
  t.match(firstLines({ chains: [httpChain()] }), /is read as HTTP: ask for a request/);
  t.match(firstLines({ chains: [] }), /is closed, flag NR: no filter chain takes it$/);
  const mutual = { chains: [tcpChain({ tls: mutualTls() })], serverName: 'a.test' };
  t.match(firstLines({ ...mutual, certificate: 'none' }), /is closed in the handshake of TLS$/);
  const bare = { ...mutual, chains: [tcpChain({ tls: simpleTls({ certificates: ['gone'] }) })] };
  t.match(firstLines(bare), /is closed: the certificate gone is missing$/);
});

t.test('a destination that nothing tells of is nowhere', async (t) => {
  const passthrough = { ...clusterOf('origin', []), discovery: 'original-dst' as const };
  const chains = [tcpChain()];
  const unknown = rendered({ chains, clusters: [passthrough] });
  t.match(unknown, /is closed: nothing tells where it wants to go/);
  t.match(unknown, /original destination: not known, closed with the flag UH/);
  const named = rendered({ chains, clusters: [passthrough], serverName: 'a.test' });
  t.match(named, /is passed on\n/);
  t.match(named, /original destination: a\.test:80/);
});

t.test('clusters that lose a connection say how', async (t) => {
  const text = rendered({ chains: [both], clusters: [empty] });
  t.match(text, / 75 % {2}origin\n +does not exist: closed with the flag NC/);
  t.match(text, /no endpoints: closed, flag UH/);
});

t.test('of hundreds of filter chains the chosen one and some others are shown', async (t) => {
  const chains = Array.from({ length: 100 }, (_, index) => {
    const match = { ...matchAny, serverNames: [`${index}.test`] };
    return tcpChain({ name: `chain ${index}`, match });
  });
  const text = rendered({ chains, clusters: [origin], serverName: '90.test' });
  t.match(text, /✓ chain 90: server name 90\.test\n/);
  t.match(text, /✗ chain 11: .+\n/);
  t.notMatch(text, /chain 12:/);
  t.match(text, /\n {2}and 87 more that do not take it\n/);
});

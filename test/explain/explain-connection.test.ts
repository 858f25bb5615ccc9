/**
 * Where connections go, and why not elsewhere. For random filter chains and connections the
 * explanation is what the matcher does: 2,000 pairs; 100,000 with SLUICE_FULL=1.
 */

import { strict as assert } from 'node:assert';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { type ConnectionText, readAskedConnection } from '../../src/explain/asked-connection.ts';
import { compileConfig } from '../../src/explain/compile-config.ts';
import type { ConnectionExplanation } from '../../src/explain/connection-explanation.ts';
import { explainConnection } from '../../src/explain/explain-connection.ts';
import { siftFilterChains } from '../../src/explain/filter-chains.ts';
import {
  type FilterChainMatch,
  matchAny,
  type TcpFilterChain,
} from '../../src/model/filter-chain.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { FilterChainMatcher } from '../../src/proxy/listener/filter-chain-matcher.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../support/mesh-models.ts';
import { tcpChain } from '../support/tcp-models.ts';
import { authoritySecret, mutualTls, pairSecret, pem } from '../support/tls-fixtures.ts';

t.setTimeout(600_000);

const numRuns = process.env.SLUICE_FULL === '1' ? 100_000 : 2_000;

function explained(mesh: Mesh, text: ConnectionText): ConnectionExplanation | string {
  const asked = readAskedConnection(text);
  if (!asked.ok) return asked.error;
  const config = compileConfig(mesh, hash64, [authoritySecret(), pairSecret('server-a')]);
  const result = explainConnection(config, asked.value);
  return result.ok ? result.value : result.error;
}

function meshWith(chains: readonly TcpFilterChain[], changes = {}): Mesh {
  const listener = listenerModel({ address: '0.0.0.0', filterChains: chains, ...changes });
  return meshOf({ clusters: [clusterOf('origin', [81, 82])], listeners: [listener] });
}

const named = (name: string, match: Partial<FilterChainMatch>): TcpFilterChain =>
  tcpChain({ name, match: { ...matchAny, ...match } });

t.test(
  'a connection goes by server name and destination, and the others say why not',
  async (t) => {
    const mesh = meshWith([
      named('exact', { serverNames: ['a.test'] }),
      named('suffix', { serverNames: ['*.test'] }),
      named('near', { destinations: ['10.1.0.0/16'] }),
      named('rest', {}),
    ]);
    const byName = explained(mesh, { to: 'x:80', serverName: 'A.test' }) as ConnectionExplanation;
    t.match(byName, {
      outcome: 'forwarded',
      filterChain: 'exact',
      connection: { serverName: 'a.test', destination: '0.0.0.0' },
      targets: [{ cluster: 'origin', percent: 100, endpoints: [{}, {}] }],
    });
    t.same(
      byName.filterChains.map(({ reason }) => reason),
      [
        'server name a.test',
        'exact has a closer server name',
        'the destination is to be 10.1.0.0/16; it is 0.0.0.0',
        'exact has a closer server name',
      ],
    );
    const byAddress = explained(mesh, { to: '10.1.2.3:80' }) as ConnectionExplanation;
    t.equal(byAddress.filterChain, 'near');
    t.equal(byAddress.filterChains[3]?.reason, 'near has a closer destination');
    const other = explained(mesh, { to: 'x:80' }) as ConnectionExplanation;
    t.equal(other.filterChains[0]?.reason, 'the server name is to be a.test; it is no TLS');
  },
);

t.test('nothing goes back: what a step leads to nowhere is for the rest, or closed', async (t) => {
  const near = named('near', { destinations: ['10.1.0.0/16'], serverNames: ['a.test'] });
  const wide = named('wide', { destinations: ['10.0.0.0/8'], serverNames: ['b.test'] });
  const ask = { to: '10.1.2.3:80', serverName: 'b.test' };
  const closed = explained(meshWith([near, wide]), ask) as ConnectionExplanation;
  t.match(closed, { outcome: 'closed', filterChain: null, targets: [] });
  t.equal(closed.filterChains[1]?.reason, 'near has a closer destination');
  const rest = explained(meshWith([near, wide, named('rest', {})]), ask);
  t.match(rest, { filterChain: 'rest', outcome: 'forwarded' });
  const reason = (rest as ConnectionExplanation).filterChains[2]?.reason;
  t.equal(reason, 'it takes what no other one does');
});

t.test('which listener takes it, and what stands in the way of the others', async (t) => {
  const mesh = meshWith([tcpChain()], { address: '127.0.0.1', servicePort: 6379 });
  t.match(explained(mesh, { to: 'store:6379' }), { listener: 'gateway_80', outcome: 'forwarded' });
  t.match(
    explained(mesh, { to: 'store:6378' }),
    /^no listener takes connections to store:6378: gateway_80 is for port 6379$/,
  );
  t.match(
    explained(mesh, { to: '10.9.9.9:6379' }),
    /gateway_80 is bound to 127\.0\.0\.1: nothing comes to it at 10\.9\.9\.9$/,
  );
  t.match(explained(mesh, { to: '10.9.9.9:1', listener: 'gateway_80' }), { outcome: 'forwarded' });
  t.match(explained(mesh, { to: 'store' }), /^a connection goes to HOST:PORT/);
  t.match(explained(meshOf({}), { to: 'x:80' }), { outcome: 'http', targets: [] });
});

t.test('weights, time limits and the hash of the address are told', async (t) => {
  const tcp = {
    clusters: [
      { cluster: 'origin', weight: 1 },
      { cluster: 'missing', weight: 3 },
    ],
    idleTimeoutMs: 60_000,
    hashSourceIp: true,
  };
  const loadBalancer = { policy: 'MAGLEV', tableSize: 101 } as const;
  const mesh = {
    ...meshWith([tcpChain({}, tcp)]),
    clusters: [clusterOf('origin', [81, 82], { loadBalancer })],
  };
  t.match(explained(mesh, { to: 'x:80', clientAddress: '10.0.0.1' }), {
    policy: [
      { name: 'idleTimeout', value: '1m', isDefault: false },
      { name: 'maxConnectionDuration', value: 'none', isDefault: true },
      { name: 'hash', value: 'address of the client' },
    ],
    targets: [
      { percent: 25, exists: true, hashedEndpoint: /^127\.0\.0\.1:8[12]$/ },
      { percent: 75, exists: false, hashedEndpoint: null },
    ],
  });
});

t.test('where TLS ends the certificate of the client decides', async (t) => {
  const chain = tcpChain({ tls: mutualTls() });
  const ask = (certificate: string | null) =>
    explained(meshWith([chain]), { to: 'x:80', serverName: 'a.test', certificate });
  t.match(ask(null), { outcome: 'forwarded', tls: { accepted: true, client: null } });
  t.match(ask('none'), { outcome: 'handshake-failed', tls: { accepted: false }, targets: [] });
  t.match(ask(pem('client-good')), { outcome: 'forwarded', tls: { client: { subject: /./ } } });
  t.match(ask(pem('client-forger')), {
    outcome: 'handshake-failed',
    tls: { reason: /^no authority of .+ has signed the certificate of the client$/ },
  });
  t.match(ask(pem('authority')), { outcome: 'forwarded' }, 'an authority itself');
  t.match(ask('nonsense'), /is not PEM of X\.509$/);
  const plain = explained(meshWith([chain]), { to: 'x:80' });
  t.match(plain, { outcome: 'handshake-failed' }, 'what is no TLS is no handshake');
});

const ranges = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '10.1.2.3/32', '0.0.0.0/0'];
const names = ['a.test', '*.test', '*.a.test', 'b.a.test', '*'];
const matches = fc.record({
  destinations: fc.subarray(ranges, { maxLength: 2 }),
  serverNames: fc.subarray(names, { maxLength: 2 }),
  transport: fc.constantFrom<FilterChainMatch['transport']>('tls', 'raw', null, null),
  application: fc.constantFrom<FilterChainMatch['application']>('http', null, null),
});
const chains = fc
  .array(matches, { minLength: 1, maxLength: 6 })
  .map((all) => all.map((match, index) => named(`chain ${index}`, match)));
const connections = fc.record({
  host: fc.constantFrom('10.1.2.3', '10.1.9.9', '10.9.9.9', '127.0.0.1', 'store'),
  serverName: fc.constantFrom('a.test', 'b.a.test', 'x.b.a.test', 'test', 'other', null),
});

t.test('explain answers what the matcher does', async (t) => {
  const seen = new Set<string>();
  const property = fc.property(chains, connections, (models, { host, serverName }) => {
    const answer = explained(meshWith(models), { to: `${host}:80`, serverName });
    if (typeof answer === 'string') throw new Error(answer);
    const destination = host === 'store' ? '0.0.0.0' : host;
    const matcher = new FilterChainMatcher(models.map((model) => ({ model })));
    const facts = { serverName, isTls: serverName !== null, isHttp: false };
    const chosen = matcher.chainsFor(destination)?.choose(facts)?.model ?? null;
    assert.equal(answer.filterChain, chosen?.name ?? null);
    const sifted = siftFilterChains(listenerModel({ filterChains: models }), {
      ...facts,
      destination,
    });
    assert.equal(sifted.found, chosen, 'the steps in words lead to what the matcher finds');
    assert.equal(answer.outcome, chosen === null ? 'closed' : 'forwarded');
    seen.add(answer.outcome);
    checkReasons(answer, models, destination);
  });
  fc.assert(property, { numRuns });
  t.same([...seen].sort(), ['closed', 'forwarded']);
});

/** Who lost by a condition does not fulfil it, and who won has not lost. */
function checkReasons(
  { filterChains, connection: { serverName }, filterChain }: ConnectionExplanation,
  models: readonly TcpFilterChain[],
  destination: string,
): void {
  filterChains.forEach(({ name, chosen, reason, kind }, index) => {
    const { match } = models[index] as TcpFilterChain;
    assert.deepEqual([name, chosen, kind], [`chain ${index}`, name === filterChain, 'tcp']);
    const holds = fits(match, destination, serverName);
    const isMismatch = /is to be|is not to begin/.test(reason);
    if (chosen) assert.ok(holds, 'what wins fits');
    if (isMismatch) assert.ok(!holds, `${name} fits, but ${reason}`);
    else assert.match(reason, /closer|asks for|is alike|takes|name|destination|TLS/);
  });
}

function fits(match: FilterChainMatch, destination: string, serverName: string | null): boolean {
  const { destinations, serverNames, transport, application } = match;
  const isThere = destinations.some((range) => {
    const list = new BlockList();
    const [address = '', bits = '32'] = range.split('/');
    list.addSubnet(address, Number(bits));
    return list.check(destination);
  });
  const isNamed = serverNames.some((wanted) => {
    if (wanted === '*' || wanted === serverName) return true;
    return wanted.startsWith('*.') && (serverName?.endsWith(wanted.slice(1)) ?? false);
  });
  const isTls = serverName !== null;
  return (
    (destinations.length === 0 || isThere) &&
    (serverNames.length === 0 || isNamed) &&
    (transport === null || (transport === 'tls') === isTls) &&
    application === null
  );
}

t.test('a listener for requests has its filter chains told, too', async (t) => {
  const mesh = meshOf({ listeners: [listenerModel({ filterChains: [httpChain(), tcpChain()] })] });
  t.match(explained(mesh, { to: 'x:80' }), {
    filterChains: [
      { name: 'http', chosen: true, reason: 'it takes every connection' },
      { name: 'tcp', chosen: false, reason: 'an earlier one is alike' },
    ],
  });
});

/**
 * Connections that filter chains treat differently. For random filter chains on both sides there is
 * a group exactly for what brute force over connections finds: 300 pairs; 5,000 with SLUICE_FULL=1.
 */

import fc from 'fast-check';
import t from 'tap';
import { addressClasses } from '../../src/diff/address-classes.ts';
import { compareMeshes } from '../../src/diff/compare-meshes.ts';
import type { ConnectionRegion } from '../../src/diff/connection-difference.ts';
import { parseIgnoreRule, withoutIgnored } from '../../src/diff/ignore-rules.ts';
import { type FilterChain, type FilterChainMatch, matchAny } from '../../src/model/filter-chain.ts';
import type { Listener } from '../../src/model/listener.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { TcpProxy } from '../../src/model/tcp-proxy.ts';
import { FilterChainMatcher } from '../../src/proxy/listener/filter-chain-matcher.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../support/mesh-models.ts';
import { tcpChain } from '../support/tcp-models.ts';
import { mutualTls, simpleTls } from '../support/tls-fixtures.ts';

const numRuns = process.env.SLUICE_FULL === '1' ? 5_000 : 300;

const clusters = ['a', 'b'].map((name) => clusterOf(name, [81]));

function meshWith(filterChains: readonly FilterChain[], changes: Partial<Listener> = {}): Mesh {
  return meshOf({
    clusters,
    listeners: [listenerModel({ address: '0.0.0.0', filterChains, ...changes })],
  });
}

function to(cluster: string, match: Partial<FilterChainMatch>, tcp: Partial<TcpProxy> = {}) {
  const model = { clusters: [{ cluster, weight: 1 }], ...tcp };
  const name = JSON.stringify([cluster, match]);
  return tcpChain({ name, match: { ...matchAny, ...match } }, model);
}

function regions(
  before: readonly FilterChain[],
  after: readonly FilterChain[],
): readonly ConnectionRegion[] {
  return compareMeshes(meshWith(before), meshWith(after)).connections;
}

t.test('a rule for one server name differs for that name alone', async (t) => {
  const rest = to('a', {});
  const found = regions(
    [rest, to('a', { serverNames: ['x.test', '*.y.test'] })],
    [rest, to('b', { serverNames: ['x.test', '*.y.test'] })],
  );
  t.match(found, [
    {
      listener: 'gateway 80',
      connections: ['x.test', '*.y.test'],
      destinations: [],
      differences: [{ field: 'destination', old: 'a', new: 'b' }],
      example: { to: 'x.test:80', serverName: 'x.test' },
      old: { outcome: 'a' },
      new: { outcome: 'b' },
    },
  ]);
  t.equal(found.length, 1);
});

t.test('destinations are ranges, without those that are closer', async (t) => {
  const near = to('a', { destinations: ['10.1.0.0/16'] });
  const found = regions(
    [near, to('a', { destinations: ['10.0.0.0/8'] })],
    [near, to('b', { destinations: ['10.0.0.0/8'] })],
  );
  t.match(found, [
    { connections: [], destinations: ['10.0.0.0/8'], example: { to: '10.2.0.0:80' } },
  ]);
  t.equal(found.length, 1);
});

t.test('weights, times, hash, TLS and what is closed are differences', async (t) => {
  const fields = (before: FilterChain[], after: FilterChain[]) =>
    regions(before, after).flatMap(({ differences }) => differences.map(({ field }) => field));
  const both = (a: number, b: number) => {
    const weighted = [
      { cluster: 'a', weight: a },
      { cluster: 'b', weight: b },
    ];
    return to('a', {}, { clusters: weighted });
  };
  t.same(fields([both(1, 1)], [both(50, 50)]), []);
  t.same(fields([both(0, 0)], [both(1, 1)]), [], 'evenly');
  t.same(fields([both(1, 1)], [both(1, 3)]), ['destination']);
  const slow = { idleTimeoutMs: 1_000, maxConnectionDurationMs: 60_000, hashSourceIp: true };
  t.same(fields([to('a', {})], [to('a', {}, slow)]), [
    'idle timeout',
    'longest connection',
    'hash',
  ]);
  const tls = (model: typeof mutualTls) => [{ ...to('a', {}), tls: model() }];
  t.same(fields(tls(simpleTls), tls(mutualTls)), ['TLS']);
  const named = [to('a', { serverNames: ['x.test'] })];
  t.match(regions(named, []), [
    { connections: ['x.test'], new: { filterChain: null, outcome: 'closed: no filter chain' } },
  ]);
  t.match(regions(named, [httpChain({ match: { ...matchAny, serverNames: ['x.test'] } })]), [
    { differences: [{ field: 'action', old: 'a', new: 'read as HTTP' }] },
  ]);
});

t.test('what no connection shows makes no difference', async (t) => {
  const any = to('a', {});
  t.same(regions([any], [any, to('b', {})]), [], 'the first counts');
  t.same(regions([any], [{ ...any, name: 'renamed' }]), []);
  const at = { address: '127.0.0.1' };
  const far = (cluster: string) => meshWith([any, to(cluster, { destinations: ['10.0.0.1'] })], at);
  t.same(compareMeshes(far('a'), far('b')).connections, [], 'nothing comes there');
  t.same(regions([httpChain()], [httpChain({ name: 'other' })]), []);
});

t.test('rules take away what is meant', async (t) => {
  const chain = (cluster: string) => to(cluster, { serverNames: ['x.test', 'y.test'] });
  const found = compareMeshes(meshWith([chain('a')]), meshWith([chain('b')]));
  const left = (text: string) => {
    const rule = parseIgnoreRule(text);
    if (!rule.ok) throw new Error(rule.error);
    return withoutIgnored(found, [rule.value]).connections.map(({ connections }) => connections);
  };
  t.same(left('host=x.*'), [['y.test']]);
  t.same(left('field=destination'), []);
  t.same(left('kind=connection,name=gateway 80'), []);
  t.same(left('kind=route'), [['x.test', 'y.test']]);
  t.same(left('table=http.80'), [['x.test', 'y.test']]);
});

t.test('addresses of all classes of ranges', async (t) => {
  const labels = (...ranges: string[]) =>
    addressClasses(ranges).map(({ label, address }) => `${label} ${address}`);
  t.same(labels(), ['other addresses 127.0.0.1']);
  t.same(labels('10.0.0.0/8', '10.0.0.0/9'), [
    'other addresses 127.0.0.1',
    '10.0.0.0/9 10.0.0.0',
    '10.0.0.0/8 10.128.0.0',
  ]);
  t.same(labels('0.0.0.0/0', '255.255.255.255'), [
    '0.0.0.0/0 127.0.0.1',
    'other addresses ::1',
    '255.255.255.255 255.255.255.255',
  ]);
  t.same(labels('fd00::1', 'fd00::/16'), [
    'other addresses 127.0.0.1',
    'fd00::1 fd00:0:0:0:0:0:0:1',
    'fd00::/16 fd00:0:0:0:0:0:0:2',
  ]);
});

const matches = fc.record({
  destinations: fc.subarray(['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3'], { maxLength: 2 }),
  serverNames: fc.subarray(['a.test', '*.test', '*.a.test', 'any.test'], { maxLength: 2 }),
  transport: fc.constantFrom<FilterChainMatch['transport']>('tls', 'raw', null, null),
  application: fc.constantFrom<FilterChainMatch['application']>('http', null, null),
});
const chains = fc
  .array(fc.tuple(fc.constantFrom('a', 'b'), matches), { maxLength: 4 })
  .map((all) => all.map(([cluster, match]) => to(cluster, match)));
const addresses = ['10.1.2.3', '10.1.9.9', '10.9.9.9', '192.168.0.1', '::1'];
const names = ['a.test', 'b.test', 'any.test', 'x.a.test', 'x.any.test', 'test', 'z.org', null];

t.test('there is a group exactly for what brute force finds', async (t) => {
  let differing = 0;
  const property = fc.property(chains, chains, (before, after) => {
    const found = regions(before, after);
    const isFound = bruteForce(before, after);
    if (isFound) differing++;
    if (found.length > 0 !== isFound) throw new Error(`${found.length} groups`);
    for (const { example } of found) {
      const { serverName } = example;
      const [, host = ''] = /^\[?(.+?)\]?:80$/.exec(example.to) ?? [];
      const address = /^[\d.]+$|:/.test(host) ? host : '127.0.0.1';
      const plain = [true, false].map((isHttp) => ({ serverName, isTls: false, isHttp }));
      const facts = [{ serverName, isTls: true, isHttp: false }, ...plain];
      const shows = facts.some(
        (one) => clusterFor(before, address, one) !== clusterFor(after, address, one),
      );
      if (!shows) throw new Error(`the example ${JSON.stringify(example)} shows nothing`);
    }
  });
  fc.assert(property, { numRuns });
  t.ok(differing > numRuns / 4, `${differing} differ`);
});

function bruteForce(before: readonly FilterChain[], after: readonly FilterChain[]): boolean {
  return addresses.some((address) =>
    names.some((serverName) =>
      [true, false].some((isTls) =>
        [true, false].some((isHttp) => {
          const facts = { serverName: isTls ? serverName : null, isTls, isHttp: isHttp && !isTls };
          return clusterFor(before, address, facts) !== clusterFor(after, address, facts);
        }),
      ),
    ),
  );
}

function clusterFor(
  models: readonly FilterChain[],
  address: string,
  facts: { serverName: string | null; isTls: boolean; isHttp: boolean },
): string | null {
  const matcher = new FilterChainMatcher(models.map((model) => ({ model })));
  const chain = matcher.chainsFor(address)?.choose(facts)?.model;
  return chain?.kind === 'tcp' ? (chain.tcp.clusters[0]?.cluster ?? null) : null;
}

import t from 'tap';
import {
  type DnsAnswer,
  DnsDiscovery,
  type DnsResolver,
  defaultDnsRefresh,
} from '../../../src/cluster/discovery/dns-discovery.ts';
import type { ClusterDiscovery } from '../../../src/model/cluster.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import { endpointModel } from '../../support/cluster-models.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { ClusterFixture } from '../cluster-fixture.ts';

/** Answers what it was told to; an Error rejects. */
class ScriptedResolver implements DnsResolver {
  readonly asked: string[] = [];
  readonly answers = new Map<string, DnsAnswer | Error>();

  async resolve(name: string): Promise<DnsAnswer> {
    this.asked.push(name);
    const answer = this.answers.get(name);
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('unknown name');
    return answer;
  }
}

function setUp(discovery: ClusterDiscovery, endpoints: readonly Endpoint[]) {
  const cluster = new ClusterFixture().create({ discovery, endpoints });
  const timers = new ManualTimers(new ManualClock());
  const resolver = new ScriptedResolver();
  const found = new DnsDiscovery(cluster, { resolver, timers, refresh: defaultDnsRefresh });
  const keys = () => cluster.endpoints.map((endpoint) => endpoint.key);
  const pass = async (ms: number) => {
    timers.advance(ms);
    // The answer settles in microtasks.
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { cluster, resolver, discovery: found, timers, keys, pass };
}

const named = (name: string, port = 80) => endpointModel(port, { address: name, weight: 3 });

t.test('strict-dns uses all addresses of all names, with the weight of the name', async (t) => {
  const { cluster, resolver, discovery, keys } = setUp('strict-dns', [named('a'), named('b', 81)]);
  resolver.answers.set('a', { addresses: ['10.0.0.2', '10.0.0.1'], ttlSeconds: 30 });
  resolver.answers.set('b', { addresses: ['::1'], ttlSeconds: 30 });
  await discovery.start();
  t.same(keys(), ['10.0.0.1:80', '10.0.0.2:80', '[::1]:81']);
  t.equal(cluster.endpoints[0]?.model.weight, 3);
});

t.test('an answer holds for its TTL', async (t) => {
  const { resolver, discovery, keys, pass } = setUp('strict-dns', [named('a')]);
  resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
  await discovery.start();
  resolver.answers.set('a', { addresses: ['10.0.0.2'], ttlSeconds: 30 });
  await pass(29_999);
  t.same(keys(), ['10.0.0.1:80']);
  await pass(1);
  t.same(keys(), ['10.0.0.2:80']);
});

t.test('TTLs are bounded, and replaced where there is none', async (t) => {
  for (const [ttlSeconds, ms] of [
    [0, 5_000],
    [86_400, 300_000],
    [null, 60_000],
  ] as const) {
    const { resolver, discovery, pass } = setUp('strict-dns', [named('a')]);
    resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds });
    await discovery.start();
    await pass(ms - 1);
    t.equal(resolver.asked.length, 1, `TTL ${ttlSeconds}`);
    await pass(1);
    t.equal(resolver.asked.length, 2, `TTL ${ttlSeconds}`);
  }
});

t.test('a failure leaves the last good answer in use, for a shorter time', async (t) => {
  const { cluster, resolver, discovery, keys, pass } = setUp('strict-dns', [named('a')]);
  resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
  await discovery.start();
  resolver.answers.set('a', new Error('no server'));
  await pass(30_000);
  t.same(keys(), ['10.0.0.1:80']);
  t.match(cluster.stats, { updateAttempt: 2, updateSuccess: 1, updateFailure: 1, updateEmpty: 0 });
  resolver.answers.set('a', { addresses: ['10.0.0.9'], ttlSeconds: 30 });
  await pass(5_000);
  t.same(keys(), ['10.0.0.9:80']);
});

t.test('that a name has no address takes its endpoints away, but for logical-dns', async (t) => {
  for (const [kind, left] of [
    ['strict-dns', ['10.0.0.2:80']],
    ['logical-dns', ['10.0.0.1:80', '10.0.0.2:80']],
  ] as const) {
    const { cluster, resolver, discovery, keys, pass } = setUp(kind, [named('a'), named('b')]);
    resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
    resolver.answers.set('b', { addresses: ['10.0.0.2'], ttlSeconds: 300 });
    await discovery.start();
    resolver.answers.set('a', { addresses: [], ttlSeconds: null });
    await pass(30_000);
    t.same(keys(), left);
    t.equal(cluster.stats.updateEmpty, 1);
    resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
    await pass(5_000);
    t.same(keys(), ['10.0.0.1:80', '10.0.0.2:80']);
  }
});

t.test('a name that is not known yet does not hide one that is', async (t) => {
  const { resolver, discovery, keys } = setUp('strict-dns', [named('bad'), named('good')]);
  resolver.answers.set('good', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
  await discovery.start();
  t.same(keys(), ['10.0.0.1:80']);
});

t.test('an address among the names is used as it is', async (t) => {
  const { resolver, discovery, timers, keys } = setUp('strict-dns', [named('10.0.0.7')]);
  await discovery.start();
  t.same(keys(), ['10.0.0.7:80']);
  t.same(resolver.asked, []);
  t.equal(timers.size, 0);
});

t.test('a rotated answer changes nothing', async (t) => {
  const { cluster, resolver, discovery, pass } = setUp('strict-dns', [named('a')]);
  resolver.answers.set('a', { addresses: ['10.0.0.1', '10.0.0.2'], ttlSeconds: 30 });
  await discovery.start();
  const before = cluster.stats.membershipChange;
  resolver.answers.set('a', { addresses: ['10.0.0.2', '10.0.0.1'], ttlSeconds: 30 });
  await pass(30_000);
  t.equal(cluster.stats.membershipChange, before);
});

t.test('logical-dns uses one address for as long as it is in the answer', async (t) => {
  const { resolver, discovery, keys, pass } = setUp('logical-dns', [named('a')]);
  resolver.answers.set('a', { addresses: ['10.0.0.2', '10.0.0.1'], ttlSeconds: 30 });
  await discovery.start();
  t.same(keys(), ['10.0.0.2:80']);
  resolver.answers.set('a', { addresses: ['10.0.0.1', '10.0.0.2'], ttlSeconds: 30 });
  await pass(30_000);
  t.same(keys(), ['10.0.0.2:80']);
  resolver.answers.set('a', { addresses: ['10.0.0.3', '10.0.0.1'], ttlSeconds: 30 });
  await pass(30_000);
  t.same(keys(), ['10.0.0.3:80']);
});

t.test('after a reload the answers of before hold until there are new ones', async (t) => {
  const fixture = new ClusterFixture();
  const dns = { discovery: 'strict-dns', endpoints: [named('a'), named('b')] } as const;
  const resolver = new ScriptedResolver();
  const timers = new ManualTimers(new ManualClock());
  const dependencies = { resolver, timers, refresh: defaultDnsRefresh };
  resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
  resolver.answers.set('b', { addresses: ['10.0.0.2'], ttlSeconds: 30 });
  const before = fixture.create(dns);
  const discovery = new DnsDiscovery(before, dependencies);
  await discovery.start();
  discovery.stop();
  const after = fixture.create({ ...dns, endpoints: [named('b'), named('c')] }, before);
  resolver.answers.set('b', new Error('no server'));
  resolver.answers.set('c', { addresses: ['10.0.0.3'], ttlSeconds: 30 });
  const next = new DnsDiscovery(after, dependencies, discovery);
  const started = next.start();
  t.equal(after.endpoints.length, 1);
  t.equal(after.endpoints[0], before.endpoints[1], 'with its state');
  await started;
  t.same(
    after.endpoints.map((endpoint) => endpoint.key),
    ['10.0.0.2:80', '10.0.0.3:80'],
  );
});

t.test('once stopped nothing is asked or published', async (t) => {
  const { resolver, discovery, timers, keys, pass } = setUp('strict-dns', [named('a')]);
  resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
  const started = discovery.start();
  discovery.stop();
  await started;
  t.same(keys(), []);
  t.equal(timers.size, 0);
  const other = setUp('strict-dns', [named('a')]);
  other.resolver.answers.set('a', { addresses: ['10.0.0.1'], ttlSeconds: 30 });
  await other.discovery.start();
  other.discovery.stop();
  await other.pass(60_000);
  t.equal(other.resolver.asked.length, 1);
  await pass(60_000);
  t.equal(resolver.asked.length, 1);
});

t.test('a reload may change between one address of a name and all of them', async (t) => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const all = addresses.map((address) => `${address}:80`);
  for (const [before, after, known, found] of [
    ['strict-dns', 'logical-dns', all.slice(0, 1), all.slice(0, 1)],
    ['logical-dns', 'strict-dns', all.slice(0, 1), all],
  ] as const) {
    const first = setUp(before, [named('a')]);
    first.resolver.answers.set('a', { addresses, ttlSeconds: 30 });
    await first.discovery.start();
    const { cluster, resolver, timers, keys } = setUp(after, [named('a')]);
    resolver.answers.set('a', { addresses, ttlSeconds: 30 });
    const dependencies = { resolver, timers, refresh: defaultDnsRefresh };
    const started = new DnsDiscovery(cluster, dependencies, first.discovery).start();
    t.same(keys(), known, `${after} before there is an answer`);
    await started;
    t.same(keys(), found, after);
  }
});

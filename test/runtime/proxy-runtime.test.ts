/** What outlives a change of the configuration, and what does not. */

import t from 'tap';
import type { DnsAnswer, DnsResolver } from '../../src/cluster/discovery/dns-discovery.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { clusterModel, endpointModel, outlierDetection } from '../support/cluster-models.ts';
import { freePorts } from '../support/free-port.ts';
import { clusterOf, listenerModel, meshOf } from '../support/mesh-models.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { ok, type ScriptedOrigin, scriptedOrigin } from '../support/scripted-origin.ts';
import { pairSecret, secretsOf } from '../support/tls-fixtures.ts';

async function origins(
  t: Parameters<typeof ProxyHarness.start>[0],
  ...answers: readonly (string | null)[]
): Promise<ScriptedOrigin[]> {
  const all = await Promise.all(answers.map((answer) => scriptedOrigin(() => answer)));
  t.teardown(() => Promise.all(all.map((origin) => origin.stop())));
  return all;
}

function ports(all: readonly ScriptedOrigin[]): number[] {
  return all.map(({ port }) => port);
}

t.test('versions count up, and a request finishes on the snapshot it began with', async (t) => {
  const [first, second] = await origins(t, null, ok('new'));
  if (first === undefined || second === undefined) throw new Error('two origins');
  const mesh = meshOf({ clusters: [clusterOf('origin', [first.port])] });
  const proxy = await ProxyHarness.start(t, mesh);
  t.equal(proxy.runtime.snapshot.version, 1);
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('request', () => first.requests.length === 1);
  await proxy.runtime.apply(meshOf({ clusters: [clusterOf('origin', [second.port])] }));
  t.equal(proxy.runtime.snapshot.version, 2);
  t.equal((await proxy.send(getRequest('/', 'a'))).body.toString(), 'new');
  first.origin.connections[0]?.socket.write(ok('old'));
  t.equal((await client.readResponse()).body.toString(), 'old');
  t.same(
    proxy.ended.map(({ info }) => info.cluster?.endpoints[0]?.port),
    [second.port, first.port],
  );
  client.destroy();
});

t.test('an ejected endpoint stays ejected', async (t) => {
  const all = await origins(t, 'HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n', ok('good'));
  const model = (weight: number): Cluster => {
    const cluster = clusterOf('origin', ports(all), {
      outlierDetection: outlierDetection({ consecutive5xx: 1 }),
    });
    return { ...cluster, endpoints: cluster.endpoints.map((e) => ({ ...e, weight })) };
  };
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [model(1)] }), { manualTime: true });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await proxy.send(getRequest('/', 'a'))).status);
  t.equal(statuses.filter((status) => status === 500).length, 1);
  await proxy.runtime.apply(meshOf({ clusters: [model(3)] }));
  t.ok(proxy.endpoint(0).ejected);
  for (let i = 0; i < 4; i++) t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  proxy.advance(40_000);
  t.notOk(proxy.endpoint(0).ejected, 'the ticker brings it back under the new configuration');
});

t.test('connections and counts of endpoints that stay are kept', async (t) => {
  const all = await origins(t, ok('a'), ok('b'));
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', ports(all))] }),
  );
  for (let i = 0; i < 2; i++) await proxy.send(getRequest('/', 'a'));
  const kept = proxy.endpoint(1);
  await proxy.runtime.apply(meshOf({ clusters: [clusterOf('origin', [kept.port])] }));
  t.equal(proxy.endpoint(0), kept);
  await proxy.send(getRequest('/', 'a'));
  t.equal(kept.requestsTotal, 2);
  const stayed = all.find(({ port }) => port === kept.port);
  t.equal(stayed?.origin.connections.length, 1, 'the connection is used again');
  await proxy.until('drain of the other', () => proxy.cluster().breaker.connections === 1);
  t.equal(proxy.cluster().stats.upstreamRqTotal, 3);
});

t.test('an endpoint that left finishes its requests before its connection closes', async (t) => {
  const [slow] = await origins(t, null);
  if (slow === undefined) throw new Error('an origin');
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', [slow.port])] }),
  );
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('request', () => slow.requests.length === 1);
  const { breaker } = proxy.cluster();
  await proxy.runtime.apply(meshOf({ clusters: [clusterOf('origin', [])] }));
  t.equal(breaker.requests, 1);
  slow.origin.connections[0]?.socket.write(ok('late'));
  t.equal((await client.readResponse()).body.toString(), 'late');
  await proxy.until('close', () => breaker.connections === 0);
  client.destroy();
});

t.test('new limits hold at once', async (t) => {
  const [silent] = await origins(t, null);
  const base = clusterOf('origin', ports([silent as ScriptedOrigin]));
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [base] }));
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('request', () => silent?.requests.length === 1);
  const circuitBreaker = { ...base.circuitBreaker, maxRequests: 1 };
  await proxy.runtime.apply(meshOf({ clusters: [{ ...base, circuitBreaker }] }));
  await proxy.send(getRequest('/', 'a'));
  t.match(await proxy.ending(), { flags: 'UO' });
  client.destroy();
});

/** Answers when told to. */
class HeldResolver implements DnsResolver {
  readonly asked: string[] = [];
  readonly #answers: ((answer: DnsAnswer) => void)[] = [];

  resolve(name: string): Promise<DnsAnswer> {
    this.asked.push(name);
    return new Promise((resolve) => {
      this.#answers.push(resolve);
    });
  }

  answer(...addresses: readonly string[]): void {
    this.#answers.shift()?.({ addresses, ttlSeconds: 60 });
  }
}

function named(port: number, name: string): Cluster {
  const cluster = clusterOf('origin', [port], { discovery: 'strict-dns' });
  return { ...cluster, endpoints: cluster.endpoints.map((e) => ({ ...e, address: name })) };
}

t.test('the first start waits for names, but not for ever', async (t) => {
  const [origin] = await origins(t, ok('hello'));
  const port = origin?.port ?? 0;
  const resolver = new HeldResolver();
  const mesh = meshOf({ clusters: [named(port, 'origin.test')] });
  const starting = ProxyHarness.start(t, mesh, { resolver });
  await Promise.resolve();
  t.same(resolver.asked, ['origin.test']);
  resolver.answer('127.0.0.1');
  const proxy = await starting;
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
});

t.test('known addresses serve while a reload asks again', async (t) => {
  const [origin] = await origins(t, ok('hello'));
  const port = origin?.port ?? 0;
  const resolver = new HeldResolver();
  const mesh = () => meshOf({ clusters: [named(port, 'origin.test')] });
  const starting = ProxyHarness.start(t, mesh(), { resolver });
  await Promise.resolve();
  resolver.answer('127.0.0.1');
  const proxy = await starting;
  t.same(proxy.runtime.warming, []);
  await proxy.runtime.apply(mesh());
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  t.ok(resolver.asked.length <= 2);
  t.equal(proxy.cluster().endpoints.length, 1);
});

t.test(
  'a proxy that ends while a configuration waits for names opens nothing any more',
  async (t) => {
    const [kept = 0, added = 0] = await freePorts(2);
    const never: DnsResolver = { resolve: () => new Promise(() => undefined) };
    const a = listenerModel({ name: 'a', port: kept });
    const proxy = await ProxyHarness.start(t, meshOf({ listeners: [a] }), {
      manualTime: true,
      resolver: never,
    });
    const named = clusterModel({
      name: 'named',
      discovery: 'strict-dns',
      endpoints: [endpointModel(80, { address: 'names.test' })],
    });
    const b = listenerModel({ name: 'b', port: added });
    const applying = proxy.runtime.apply(meshOf({ listeners: [a, b], clusters: [named] }));
    await proxy.runtime.shutDown(0);
    t.same(await applying, []);
    t.same(await proxy.runtime.apply(meshOf({ listeners: [b] })), []);
    for (const port of [kept, added]) {
      await t.rejects(exchange(getRequest('/', 'a'), { port }), { code: 'ECONNREFUSED' });
    }
  },
);

t.test('a certificate that is renewed while a configuration waits is not lost', async (t) => {
  const never: DnsResolver = { resolve: () => new Promise<DnsAnswer>(() => undefined) };
  const slow = clusterModel({ name: 'slow', discovery: 'strict-dns', endpoints: [] });
  const options = { manualTime: true, resolver: never };
  const proxy = await ProxyHarness.start(t, meshOf({}), options);
  const { tls } = proxy.context;
  const secret = pairSecret('server-a');
  await proxy.runtime.apply(meshOf({}), secretsOf(secret, pairSecret('server-b')));
  const applied = proxy.runtime.apply(meshOf({ clusters: [slow] }), secretsOf(secret));
  const renewed = pairSecret('server-renewed', 'server-a');
  tls.addSecrets(secretsOf(renewed));
  t.ok(tls.secrets.has('server-b'), 'the old configuration serves on');
  proxy.advance(1_000);
  await applied;
  t.same([...tls.secrets.keys()], ['server-a']);
  t.equal(tls.secrets.get('server-a'), renewed);
});

t.test('what a configuration waits for is named until it serves', async (t) => {
  const [origin] = await origins(t, ok('hello'));
  const proxy = await ProxyHarness.start(t, meshOf({}), { resolver: new HeldResolver() });
  const applying = proxy.runtime.apply(meshOf({ clusters: [named(origin?.port ?? 0, 'a.test')] }));
  t.same(proxy.runtime.warming, ['origin']);
  await applying;
  t.same(proxy.runtime.warming, []);
});

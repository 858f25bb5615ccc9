import t from 'tap';
import type { LiveCluster } from '../../src/cluster/live-cluster.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { endpointModel, endpointModels, outlierDetection } from '../support/cluster-models.ts';
import { anyEndpoint, ClusterFixture, endpointAt } from './cluster-fixture.ts';

function eject(cluster: LiveCluster, port: number): void {
  for (let count = 0; count < 5; count++) cluster.onResponse(endpointAt(cluster, port), 503);
}

t.test('an ejection takes effect with the response that causes it', async (t) => {
  const fixture = new ClusterFixture();
  const cluster = fixture.create({ outlierDetection: outlierDetection() });
  eject(cluster, 1);
  eject(cluster, 2);
  t.same([...fixture.tally(cluster, 100).keys()], [3]);
  t.equal(cluster.membershipHealthy, 1);
  eject(cluster, 3);
  t.equal(cluster.chooseEndpoint(anyEndpoint), null, '503 UH: panic is off');
  t.equal(cluster.stats.upstreamCxNoneHealthy, 1);
  fixture.advance(cluster, 30_000);
  t.equal(fixture.tally(cluster, 100).size, 3);
  t.equal(cluster.stats.ejectionsActive, 0);
});

t.test('below the panic threshold all endpoints are used', async (t) => {
  const fixture = new ClusterFixture();
  const cluster = fixture.create({
    endpoints: endpointModels(4),
    outlierDetection: outlierDetection(),
    panicThresholdPercent: 50,
  });
  for (const port of [1, 2, 3]) eject(cluster, port);
  t.equal(fixture.tally(cluster, 100).size, 4);
  t.equal(cluster.stats.lbHealthyPanic, 100);
});

t.test('a lower priority is used as far as the higher one lacks endpoints', async (t) => {
  const fixture = new ClusterFixture();
  const endpoints = [1, 2, 3, 4].map((port) => endpointModel(port, { priority: port > 2 ? 1 : 0 }));
  const cluster = fixture.create({ endpoints, outlierDetection: outlierDetection() });
  t.same([...fixture.tally(cluster, 100).keys()].sort(), [1, 2]);
  eject(cluster, 1);
  const half = fixture.tally(cluster, 1_000);
  t.notOk(half.has(1));
  t.ok(Math.abs((half.get(2) ?? 0) - 700) < 60, 'one of two healthy: 70 %');
  eject(cluster, 2);
  t.same([...fixture.tally(cluster, 100).keys()].sort(), [3, 4]);
});

t.test('a hash keeps its endpoint while two priorities share the load', async (t) => {
  const fixture = new ClusterFixture();
  const endpoints = [1, 2, 3, 4].map((port) => endpointModel(port, { priority: port > 2 ? 1 : 0 }));
  const loadBalancer = { policy: 'RING_HASH', minimumRingSize: 64 } as const;
  const cluster = fixture.create({ endpoints, loadBalancer });
  endpointAt(cluster, 1).ejected = true;
  cluster.onHealthChanged();
  const used = new Set<number | undefined>();
  for (let hash = 1n; hash <= 50n; hash++) {
    const context = { ...anyEndpoint, hash: (hash * 0x9e3779b97f4a7c15n) & (2n ** 64n - 1n) };
    const chosen = [1, 2, 3].map(() => cluster.chooseEndpoint(context)?.port);
    t.equal(new Set(chosen).size, 1);
    used.add(chosen[0]);
  }
  t.same([...used].sort(), [2, 3, 4]);
});

t.test('a reload keeps endpoints, counts and ejections, whatever the weights', async (t) => {
  const fixture = new ClusterFixture();
  const before = fixture.create({ outlierDetection: outlierDetection() });
  eject(before, 2);
  endpointAt(before, 1).activeRequests = 7;
  t.ok(before.breaker.tryRequest());
  const after = fixture.create(
    {
      outlierDetection: outlierDetection(),
      endpoints: [1, 2, 3, 4].map((port) => endpointModel(port, { weight: port * 10 })),
    },
    before,
  );
  t.equal(endpointAt(after, 1), endpointAt(before, 1));
  t.equal(endpointAt(after, 1).model.weight, 10);
  t.same([...fixture.tally(after, 300).keys()].sort(), [1, 3, 4]);
  t.equal(after.stats, before.stats);
  t.equal(after.breaker.requests, 1);
});

t.test("the cluster before and after a reload see each other's ejections", async (t) => {
  const fixture = new ClusterFixture();
  const before = fixture.create({ outlierDetection: outlierDetection() });
  const weights = [1, 2, 3].map((port) => endpointModel(port, { weight: port }));
  const after = fixture.create(
    { outlierDetection: outlierDetection(), endpoints: weights },
    before,
  );
  eject(before, 1);
  t.notOk(fixture.tally(after, 100).has(1));
  eject(after, 2);
  t.same([...fixture.tally(before, 100).keys()], [3]);
});

t.test('a reload without outlier detection lets everyone back in', async (t) => {
  const fixture = new ClusterFixture();
  const before = fixture.create({ outlierDetection: outlierDetection() });
  eject(before, 1);
  const after = fixture.create({}, before);
  t.equal(fixture.tally(after, 100).size, 3);
  t.equal(after.nextTickAt, Number.POSITIVE_INFINITY);
});

t.test('a reload applies new limits to the counts that are there', async (t) => {
  const fixture = new ClusterFixture();
  const before = fixture.create();
  before.breaker.tryRequest();
  const { circuitBreaker } = before.model;
  const after = fixture.create({ circuitBreaker: { ...circuitBreaker, maxRequests: 1 } }, before);
  t.notOk(after.breaker.tryRequest());
});

t.test('a cluster that is to come changes nothing for the one that serves', async (t) => {
  const fixture = new ClusterFixture();
  const before = fixture.create({ outlierDetection: outlierDetection() });
  const { circuitBreaker } = before.model;
  const drained: number[] = [];
  for (const endpoint of before.endpoints) {
    endpoint.connections = { drain: () => drained.push(endpoint.port) };
  }
  const changes = before.stats.membershipChange;
  const overrides = {
    circuitBreaker: { ...circuitBreaker, maxRequests: 0 },
    endpoints: [1, 2].map((port) => endpointModel(port, { weight: 9 })),
  };
  const next = fixture.prepare(overrides, before);
  next.updateEndpoints([endpointModel(1, { weight: 8 })]);
  t.ok(before.breaker.tryRequest(), 'by the limits before');
  t.equal(endpointAt(before, 1).model.weight, 1);
  t.equal(before.stats.membershipChange, changes);
  t.same(drained, []);
  eject(before, 2);
  t.notOk(fixture.tally(before, 100).has(2), 'detection goes on');
  before.updateEndpoints(endpointModels(4));
  eject(before, 4);
  t.notOk(fixture.tally(before, 100).has(4), 'endpoints that are found meanwhile are watched');
  next.adopt(before);
  t.equal(next.breaker.limits, overrides.circuitBreaker);
  t.equal(endpointAt(next, 1).model.weight, 8);
  t.equal(next.stats.ejectionsActive, 0);
});

t.test('a removed endpoint starts from zero when it comes back', async (t) => {
  const fixture = new ClusterFixture();
  const cluster = fixture.create({ outlierDetection: outlierDetection() });
  eject(cluster, 1);
  const removed = endpointAt(cluster, 1);
  cluster.updateEndpoints([endpointModel(2)]);
  t.equal(cluster.stats.ejectionsActive, 0);
  cluster.onResponse(removed, 503);
  cluster.updateEndpoints(endpointModels(2));
  t.not(endpointAt(cluster, 1), removed);
  t.same([...fixture.tally(cluster, 100).keys()].sort(), [1, 2]);
});

t.test('an endpoint that leaves stays out for the configuration before', async (t) => {
  const fixture = new ClusterFixture();
  const before = fixture.create({ outlierDetection: outlierDetection() });
  eject(before, 1);
  const after = fixture.create(
    { outlierDetection: outlierDetection(), endpoints: [endpointModel(2)] },
    before,
  );
  t.same([...fixture.tally(before, 60).keys()].sort(), [2, 3]);
  t.equal(after.stats.ejectionsActive, 0);
});

t.test('connections to endpoints that left are drained, others stay', async (t) => {
  const fixture = new ClusterFixture();
  const cluster = fixture.create();
  const drained: number[] = [];
  for (const endpoint of cluster.endpoints) {
    endpoint.connections = { drain: () => drained.push(endpoint.port) };
  }
  cluster.updateEndpoints(endpointModels(2));
  t.same(drained, [3]);
  const next = fixture.create({ endpoints: endpointModels(1) }, cluster);
  t.same(drained, [3], 'building a cluster does nothing yet');
  cluster.retire(next);
  t.same(drained, [3, 2]);
  next.retire(null);
  t.same(drained, [3, 2, 1]);
});

t.test('an address that is listed twice counts once', async (t) => {
  const cluster = new ClusterFixture().create({
    endpoints: [endpointModel(1), endpointModel(1, { weight: 5 }), endpointModel(2)],
  });
  t.same(
    cluster.endpoints.map((endpoint) => endpoint.port),
    [1, 2],
  );
});

t.test('a name has no endpoint before it is resolved', async (t) => {
  const fixture = new ClusterFixture();
  const endpoints = [endpointModel(80, { address: 'a.example.com' })];
  const dns = { discovery: 'strict-dns', endpoints } as const;
  const cluster = fixture.create(dns);
  t.equal(cluster.chooseEndpoint(anyEndpoint), null);
  cluster.updateEndpoints([endpointModel(80, { address: '::1' })]);
  t.equal(cluster.chooseEndpoint(anyEndpoint)?.key, '[::1]:80');
  const same = fixture.create(dns, cluster);
  t.equal(same.chooseEndpoint(anyEndpoint), cluster.chooseEndpoint(anyEndpoint));
  const other = [endpointModel(80, { address: 'b.example.com' })];
  const changed = fixture.create({ ...dns, endpoints: other }, same);
  t.equal(changed.chooseEndpoint(anyEndpoint), null);
});

t.test('addresses that DNS finds only after further reloads are the same endpoints', async (t) => {
  const fixture = new ClusterFixture();
  const named = (...names: string[]) =>
    ({
      discovery: 'strict-dns',
      endpoints: names.map((address) => endpointModel(80, { address })),
    }) as const;
  const at = (...addresses: string[]) => addresses.map((address) => endpointModel(80, { address }));
  const first = fixture.create(named('a.example.com'));
  first.updateEndpoints(at('10.0.0.1', '10.0.0.2'));
  first.onNamesTried();
  const before = first.endpoints;
  const second = fixture.create(named('b.example.com', 'c.example.com'), first);
  t.same(second.endpoints, []);
  const third = fixture.create(named('d.example.com', 'e.example.com'), second);
  third.updateEndpoints(at('10.0.0.1'));
  t.equal(third.endpoints[0], before[0], 'the address of one name');
  third.updateEndpoints(at('10.0.0.1', '10.0.0.2'));
  t.equal(third.endpoints[1], before[1], 'the address of the other, which answers later');
  third.updateEndpoints(at('10.0.0.1'));
  third.onNamesTried();
  third.updateEndpoints(at('10.0.0.1', '10.0.0.2'));
  t.not(third.endpoints[1], before[1], 'what left after that starts anew');
});

t.test('with CLUSTER_PROVIDED the request names its endpoint', async (t) => {
  const fixture = new ClusterFixture();
  const overrides = {
    discovery: 'original-dst',
    endpoints: [],
    loadBalancer: { policy: 'CLUSTER_PROVIDED' },
  } as const;
  const cluster = fixture.create(overrides);
  t.equal(cluster.chooseEndpoint(anyEndpoint), null);
  const context = { ...anyEndpoint, destination: { address: '10.0.0.1', port: 81 } };
  const endpoint = cluster.chooseEndpoint(context);
  t.equal(endpoint?.key, '10.0.0.1:81');
  t.equal(cluster.chooseEndpoint(context), endpoint);
  t.equal(fixture.create(overrides, cluster).chooseEndpoint(context), endpoint);
  fixture.advance(cluster, 5_000);
  t.equal(cluster.endpoints.length, 1, 'used within the last interval');
  fixture.advance(cluster, 5_000);
  t.equal(cluster.endpoints.length, 0);
});

t.test('clients can name only so many destinations', async (t) => {
  const cluster = new ClusterFixture().create({
    discovery: 'original-dst',
    endpoints: [],
    loadBalancer: { policy: 'CLUSTER_PROVIDED' },
  });
  const limits = { ...defaultLimits, destinationsPerCluster: 2 };
  const named = (port: number) =>
    cluster.chooseEndpoint({ ...anyEndpoint, limits, destination: { address: '10.0.0.1', port } });
  t.ok(named(1));
  t.ok(named(2));
  t.equal(named(3), null);
  t.equal(cluster.stats.upstreamCxNoneHealthy, 1);
  t.ok(named(1), 'known ones stay');
});

t.test('outcomes count for the endpoint', async (t) => {
  const cluster = new ClusterFixture().create();
  const endpoint = endpointAt(cluster, 1);
  cluster.onConnected(endpoint);
  cluster.onResponse(endpoint, 200);
  cluster.onResponse(endpoint, 500);
  cluster.onLocalOriginFailure(endpoint, 'reset');
  t.equal(endpoint.requestsSuccess, 1);
  t.equal(endpoint.requestsError, 2);
});

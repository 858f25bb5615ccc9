import t from 'tap';
import type { LoadBalancerPolicy } from '../../../src/model/cluster-policy.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import { endpointModel } from '../../support/cluster-models.ts';
import { anyEndpoint, ClusterFixture, endpointAt } from '../cluster-fixture.ts';

/** Ten endpoints in each of two zones; the first zone weighs 80, the second 20. */
function zones(): Endpoint[] {
  return Array.from({ length: 20 }, (_, index) => {
    const zone = index < 10 ? 'z1' : 'z2';
    const locality = { region: 'r', zone, subzone: '' };
    const localityWeight = zone === 'z1' ? 80 : 20;
    return endpointModel(index + 1, { locality, localityWeight });
  });
}

const policies: readonly LoadBalancerPolicy[] = [
  { policy: 'ROUND_ROBIN', slowStart: null },
  { policy: 'LEAST_REQUEST', slowStart: null },
  { policy: 'RANDOM' },
];

/** How many endpoints of the first zone are out, and its percentage then: 80 × min(1, 1.4 × …). */
const shares = [
  [0, 80],
  [2, 80],
  [5, (100 * 56) / 76],
  [9, (100 * 11.2) / 31.2],
  [10, 0],
] as const;

for (const loadBalancer of policies) {
  t.test(`${loadBalancer.policy}: a locality keeps its share while enough are left`, async (t) => {
    for (const [out, percent] of shares) {
      const fixture = new ClusterFixture();
      const cluster = fixture.create({ loadBalancer, endpoints: zones() });
      for (let port = 1; port <= out; port++) endpointAt(cluster, port).ejected = true;
      cluster.onHealthChanged();
      const chosen = fixture.tally(cluster, 1_000);
      const first = [...chosen].filter(([port]) => port <= 10).map(([, count]) => count);
      const sum = first.reduce((total, count) => total + count, 0);
      t.ok(Math.abs(sum - 10 * percent) <= 1, `${out} out: ${sum} of 1000`);
      t.equal(first.length, 10 - out, 'all that are left are used');
    }
  });
}

t.test('in hash tables a locality shares its weight among those that are left', async (t) => {
  for (const loadBalancer of [
    { policy: 'RING_HASH', minimumRingSize: 20_000 },
    { policy: 'MAGLEV', tableSize: 65_537 },
  ] as const) {
    const fixture = new ClusterFixture();
    const cluster = fixture.create({ loadBalancer, endpoints: zones() });
    for (let port = 1; port <= 8; port++) endpointAt(cluster, port).ejected = true;
    cluster.onHealthChanged();
    const chosen = fixture.tally(cluster, 4_000);
    const first = [...chosen].filter(([port]) => port <= 10).map(([, count]) => count);
    const sum = first.reduce((total, count) => total + count, 0);
    t.equal(first.length, 2);
    t.ok(Math.abs(sum - 3_200) < 200, `${loadBalancer.policy}: ${sum} of 4000`);
  }
});

t.test('in a panic localities do not count', async (t) => {
  const fixture = new ClusterFixture();
  const endpoints = zones();
  const cluster = fixture.create({
    endpoints,
    loadBalancer: { policy: 'ROUND_ROBIN', slowStart: null },
    panicThresholdPercent: 50,
  });
  for (let port = 1; port <= 15; port++) endpointAt(cluster, port).ejected = true;
  cluster.onHealthChanged();
  t.same([...new Set(fixture.tally(cluster, 200).values())], [10], 'each the same');
});

t.test('weights within a locality count', async (t) => {
  const fixture = new ClusterFixture();
  const endpoints = zones().map((endpoint) => ({
    ...endpoint,
    weight: endpoint.port === 1 ? 11 : 1,
  }));
  const cluster = fixture.create({
    endpoints,
    loadBalancer: { policy: 'ROUND_ROBIN', slowStart: null },
  });
  const chosen = fixture.tally(cluster, 1_000);
  t.ok(Math.abs((chosen.get(1) ?? 0) - 440) <= 2, '11 of 20 of 80 %');
});

t.test('endpoints of localities without weights are one set', async (t) => {
  const fixture = new ClusterFixture();
  const endpoints = zones().map((endpoint) => ({ ...endpoint, localityWeight: null }));
  const cluster = fixture.create({
    endpoints,
    loadBalancer: { policy: 'ROUND_ROBIN', slowStart: null },
  });
  t.same([...new Set(fixture.tally(cluster, 200).values())], [10]);
});

t.test('nobody is left', async (t) => {
  const cluster = new ClusterFixture().create({ endpoints: zones() });
  for (const endpoint of cluster.endpoints) endpoint.ejected = true;
  cluster.onHealthChanged();
  t.equal(cluster.chooseEndpoint(anyEndpoint), null);
});

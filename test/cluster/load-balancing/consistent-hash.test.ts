/** How little RING_HASH and MAGLEV move when an endpoint leaves. */

import fc from 'fast-check';
import t from 'tap';
import type { LoadBalancerPolicy } from '../../../src/model/cluster-policy.ts';
import { endpointModel, endpointModels } from '../../support/cluster-models.ts';
import { anyEndpoint, ClusterFixture, endpointAt, hash64 } from '../cluster-fixture.ts';

const keys = Array.from({ length: 1_000 }, (_, index) => hash64.hash(`key-${index}`));

/** Shares of all keys that moved although their endpoint stayed. */
function movedWithoutNeed(
  loadBalancer: LoadBalancerPolicy,
  count: number,
  leaving: number,
): number {
  const fixture = new ClusterFixture();
  const cluster = fixture.create({ loadBalancer, endpoints: endpointModels(count) });
  const choose = () => keys.map((hash) => cluster.chooseEndpoint({ ...anyEndpoint, hash }));
  const before = choose();
  endpointAt(cluster, leaving).ejected = true;
  cluster.onHealthChanged();
  const after = choose();
  const moved = before.filter((endpoint, index) => !endpoint?.ejected && endpoint !== after[index]);
  return moved.length / keys.length;
}

t.test('RING_HASH moves no key of others while each keeps its number of points', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (count, drawn) => {
      // One point each, whatever the number of endpoints.
      const policy = { policy: 'RING_HASH', minimumRingSize: 1 } as const;
      return movedWithoutNeed(policy, count, (drawn % count) + 1) === 0;
    }),
    { numRuns: 30 },
  );
});

t.test('RING_HASH moves few keys of others when the points are dealt anew', async () => {
  const policy = { policy: 'RING_HASH', minimumRingSize: 1024 } as const;
  // The points that the others gain lie between all keys: at most every owner's share of them.
  const property = fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (count, drawn) => {
    return movedWithoutNeed(policy, count, (drawn % count) + 1) < 0.3;
  });
  fc.assert(property, { numRuns: 20 });
});

t.test('MAGLEV moves few keys of others', async () => {
  const policy = { policy: 'MAGLEV', tableSize: 65_537 } as const;
  const property = fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (count, drawn) => {
    return movedWithoutNeed(policy, count, (drawn % count) + 1) < 0.1;
  });
  fc.assert(property, { numRuns: 15 });
});

t.test('every endpoint gets about its share', async () => {
  const policies: readonly (readonly [LoadBalancerPolicy, number])[] = [
    // Points of a ring lie by chance; the deviation of a share falls with their number.
    [{ policy: 'RING_HASH', minimumRingSize: 16_384 }, 0.25],
    [{ policy: 'MAGLEV', tableSize: 65_537 }, 0.05],
  ];
  const weightings = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
  const property = fc.property(fc.constantFrom(...policies), weightings, (row, weights) => {
    const [loadBalancer, deviation] = row;
    const endpoints = weights.map((weight, index) => ({ ...endpointModel(index + 1), weight }));
    const cluster = new ClusterFixture().create({ loadBalancer, endpoints });
    const counts = weights.map(() => 0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const hash = BigInt.asUintN(64, BigInt(i) * 0x9e37_79b9_7f4a_7c15n);
      const port = cluster.chooseEndpoint({ ...anyEndpoint, hash })?.port ?? 0;
      counts[port - 1] = (counts[port - 1] ?? 0) + 1;
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.every((weight, index) => {
      const share = (draws * weight) / sum;
      return Math.abs((counts[index] ?? 0) - share) <= deviation * share;
    });
  });
  fc.assert(property, { numRuns: 20 });
});

t.test('the order of endpoints does not matter', async () => {
  const policies: readonly LoadBalancerPolicy[] = [
    { policy: 'RING_HASH', minimumRingSize: 256 },
    { policy: 'MAGLEV', tableSize: 1009 },
  ];
  const orders = fc
    .integer({ min: 1, max: 10 })
    .map((count) => endpointModels(count))
    .chain((models) =>
      fc.tuple(fc.constant(models), fc.shuffledSubarray(models, { minLength: models.length })),
    );
  const property = fc.property(fc.constantFrom(...policies), orders, (loadBalancer, pair) => {
    const [first, second] = pair.map((endpoints) => {
      const cluster = new ClusterFixture().create({ loadBalancer, endpoints });
      return keys.map((hash) => cluster.chooseEndpoint({ ...anyEndpoint, hash })?.key).join();
    });
    return first === second;
  });
  fc.assert(property, { numRuns: 30 });
});

t.test('a request without a hash goes anywhere, one with a hash always to the same', async (t) => {
  const fixture = new ClusterFixture();
  for (const loadBalancer of [
    { policy: 'RING_HASH', minimumRingSize: 1024 },
    { policy: 'MAGLEV', tableSize: 65_537 },
  ] as const) {
    const cluster = fixture.create({ loadBalancer });
    t.equal(fixture.tally(cluster, 200).size, 3);
    const hash = 0xffff_ffff_ffff_fffen;
    const chosen = new Set(keys.map(() => cluster.chooseEndpoint({ ...anyEndpoint, hash })));
    t.equal(chosen.size, 1);
  }
});

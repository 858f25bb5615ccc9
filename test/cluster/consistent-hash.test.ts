/** How little RING_HASH and MAGLEV move when an endpoint leaves. */

import fc from 'fast-check';
import t from 'tap';
import type { LoadBalancerPolicy } from '../../src/model/cluster-policy.ts';
import {
  anyEndpoint,
  ClusterFixture,
  endpointAt,
  endpointModels,
  hash64,
} from './cluster-fixture.ts';

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

t.test('RING_HASH moves few keys of others when the points are dealt anew', async (t) => {
  for (const count of [3, 5, 10]) {
    const policy = { policy: 'RING_HASH', minimumRingSize: 1024 } as const;
    const moved = movedWithoutNeed(policy, count, 2);
    t.ok(moved < 0.25, `${count} endpoints: ${moved}`);
  }
});

t.test('MAGLEV moves few keys of others', async (t) => {
  for (const count of [3, 5, 10]) {
    const moved = movedWithoutNeed({ policy: 'MAGLEV', tableSize: 65_537 }, count, 2);
    t.ok(moved < 0.1, `${count} endpoints: ${moved}`);
  }
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

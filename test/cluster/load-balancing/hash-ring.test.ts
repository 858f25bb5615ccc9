import fc from 'fast-check';
import t from 'tap';
import { HashKey } from '../../../src/cluster/load-balancing/hash-key.ts';
import { HashRing } from '../../../src/cluster/load-balancing/hash-ring.ts';
import { hash64 } from '../cluster-fixture.ts';

const maximumSize = 8 * 1024 * 1024;

function ringOf(weights: readonly number[], minimumSize: number, maximum = maximumSize): HashRing {
  const keys = weights.map((_, index) => `10.0.0.1:${index + 1}`);
  return new HashRing({ keys, weights, minimumSize, maximumSize: maximum }, hash64);
}

function pointsPerOwner(ring: HashRing, owners: number): number[] {
  const counts = new Array<number>(owners).fill(0);
  for (let index = 0; index < ring.size; index++) {
    const owner = ring.ownerAt(index);
    counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts;
}

/** Weights, minimum size, points of each owner. */
const rows: readonly (readonly [number[], number, number[]])[] = [
  [[1, 1, 1], 1024, [342, 342, 342]],
  [[1, 1], 3, [2, 2]],
  [[1, 2, 3], 6, [1, 2, 3]],
  [[10, 20, 30], 6, [1, 2, 3]],
  [[5], 7, [7]],
  [[1, 3], 5, [2, 6]],
];

for (const [weights, minimumSize, points] of rows) {
  t.test(`weights ${weights.join(', ')} with a minimum of ${minimumSize}`, async (t) => {
    t.same(pointsPerOwner(ringOf(weights, minimumSize), weights.length), points);
  });
}

t.test('the maximum size holds, and is dealt by weight', async (t) => {
  t.same(pointsPerOwner(ringOf([1, 1, 2], 1024, 8), 3), [2, 2, 4]);
});

t.test('a point is the hash of key and number', async (t) => {
  const ring = ringOf([1], 2);
  const hashes = ['10.0.0.1:1_0', '10.0.0.1:1_1'].map((text) => hash64.hash(text));
  t.same(new Set([ring.hashAt(0), ring.hashAt(1)]), new Set(hashes));
});

t.test('a key is owned by the first point at or after it, around the end', async () => {
  const ring = ringOf([1, 2, 3], 48);
  const hashes = Array.from({ length: ring.size }, (_, index) => ring.hashAt(index));
  const key = new HashKey();
  fc.assert(
    fc.property(
      fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(...hashes)),
      (hash) => {
        key.set(hash);
        return (
          ring.find(key) ===
          Math.max(
            0,
            hashes.findIndex((point) => point >= hash),
          )
        );
      },
    ),
  );
});

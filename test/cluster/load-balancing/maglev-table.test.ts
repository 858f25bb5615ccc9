import t from 'tap';
import { buildMaglevTable } from '../../../src/cluster/load-balancing/maglev-table.ts';
import { hash64 } from '../cluster-fixture.ts';

const keys = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80'];

function shares(table: Uint32Array): number[] {
  const counts = new Array<number>(keys.length).fill(0);
  for (const owner of table) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

t.test('equal weights own equally many places, to within one', async (t) => {
  const counts = shares(buildMaglevTable({ keys, weights: [1, 1, 1], size: 65_537 }, hash64));
  t.same(counts.sort(), [21_845, 21_846, 21_846]);
});

t.test('places follow weights', async (t) => {
  const counts = shares(buildMaglevTable({ keys, weights: [1, 2, 7], size: 1_009 }, hash64));
  for (const [index, share] of [0.1, 0.2, 0.7].entries()) {
    t.ok(Math.abs((counts[index] ?? 0) - share * 1_009) <= 2, `${counts}`);
  }
});

t.test('the order of configuration does not matter', async (t) => {
  const table = buildMaglevTable({ keys, weights: [1, 2, 3], size: 101 }, hash64);
  const reversed = buildMaglevTable(
    { keys: [...keys].reverse(), weights: [3, 2, 1], size: 101 },
    hash64,
  );
  t.same(
    [...reversed].map((owner) => 2 - owner),
    [...table],
  );
});

t.test('an owner prefers the place of its own hash', async (t) => {
  const [key = ''] = keys;
  const table = buildMaglevTable({ keys, weights: [100, 1, 1], size: 11 }, hash64);
  t.equal(table[Number(hash64.hash(key) % 11n)], 0);
});

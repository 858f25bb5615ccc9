import t from 'tap';
import { backoffMs } from '../../src/base/backoff.ts';

t.test('the upper end grows as (2^attempt - 1) * base up to the maximum', async (t) => {
  const middle = { uint32: () => 0, fraction: () => 0.5 };
  const limits = { baseMs: 25, maxMs: 250 };
  const middles = [1, 2, 3, 4, 5, 2000].map((attempt) => backoffMs(attempt, limits, middle));
  t.same(middles, [12.5, 37.5, 87.5, 125, 125, 125]);
});

t.test('the lower end is zero', async (t) => {
  t.equal(backoffMs(3, { baseMs: 25, maxMs: 250 }, { uint32: () => 0, fraction: () => 0 }), 0);
});

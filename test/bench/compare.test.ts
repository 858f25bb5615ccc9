import t from 'tap';
import { compareSamples } from '../../bench/compare/judge.ts';
import { coreShare } from '../../bench/peers/result.ts';

t.test('a revision that costs more in all rounds is slower', async (t) => {
  const samples = { base: [10, 11, 10], head: [14, 15, 14] };
  t.match(compareSamples(samples, 1.25), { isSlower: true, best: 1.4, spread: { median: 1.4 } });
});

t.test('a revision within the limit is not', async (t) => {
  t.match(compareSamples({ base: [10, 10], head: [12, 12] }, 1.25), { isSlower: false });
});

t.test('noise in some rounds makes nobody slower', async (t) => {
  const noisy = { base: [10, 10, 10], head: [10, 30, 30] };
  t.match(compareSamples(noisy, 1.25), { isSlower: false, best: 1, spread: { median: 3 } });
  const lucky = { base: [2, 10, 10], head: [10, 10, 10] };
  t.match(compareSamples(lucky, 1.25), { isSlower: false, best: 5, spread: { median: 1 } });
});

t.test('without samples there is nothing to say', async (t) => {
  t.equal(compareSamples({ base: [], head: [] }, 1.25), null);
});

t.test('a proxy that waits for its core under full load tells of a busy machine', async (t) => {
  const calm = { cpuUs: 30, requestsPerSecond: 30_000 };
  const busy = { cpuUs: 60, requestsPerSecond: 2_000 };
  t.equal(coreShare([calm, busy, calm]), 0.9);
  t.equal(coreShare([busy]), 0.12);
});

import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import type { Load, Phase } from '../../src/loadtest/scenario.ts';
import { schedule } from '../../src/loadtest/schedule.ts';

function times(phases: readonly Phase[], warmUpMs = 0): number[] {
  const load: Load = { phases, warmUpMs, connections: 1, timeoutMs: 1000 };
  return [...schedule(load, new SeededRandom(1))];
}

const open = (from: number, to = from, durationMs = 1000, poisson = false): Phase => ({
  ...{ kind: 'open', durationMs, from, to, poisson },
});
const between = (list: readonly number[], from: number, until: number): number =>
  list.filter((ms) => ms >= from && ms < until).length;

t.test('a constant rate is evenly spaced', async (t) => {
  t.strictSame(times([open(4)]), [125, 375, 625, 875]);
});

t.test('the warm-up comes before 0, at the first rate', async (t) => {
  t.strictSame(times([open(2)], 1000), [-750, -250, 250, 750]);
});

t.test('a ramp has as many requests in a time as the area below it', async (t) => {
  const list = times([open(0, 1000, 2000)]);
  t.equal(list.length, 1000);
  t.equal(between(list, 0, 1000), 250);
  t.strictSame(
    [...list].sort((a, b) => a - b),
    list,
  );
  t.equal(between(times([open(1000, 0, 2000)]), 0, 1000), 750);
});

t.test('phases follow one another, closed ones have no times', async (t) => {
  const closed: Phase = { kind: 'closed', durationMs: 500, connections: 3 };
  t.strictSame(times([open(2), closed, open(1)]), [250, 750, 2000]);
});

t.test('a rate of 0 sends nothing', async (t) => {
  t.strictSame(times([open(0), open(1)]), [1500]);
});

t.test('random times have the rate on average, and gaps of every length', async (t) => {
  const list = times([open(1000, 1000, 20_000, true)]);
  // Five standard deviations of 20,000.
  t.ok(Math.abs(list.length - 20_000) < 710, String(list.length));
  const gaps = list.slice(1).map((ms, index) => ms - (list[index] ?? 0));
  const short = gaps.filter((gap) => gap < 1).length / gaps.length;
  t.ok(Math.abs(short - (1 - Math.exp(-1))) < 0.02, `${short} of the gaps are below the mean`);
});

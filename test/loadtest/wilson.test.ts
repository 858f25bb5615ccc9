import t from 'tap';
import { wilsonInterval } from '../../src/loadtest/wilson.ts';

/** In percent, rounded as tables have it. */
function interval(successes: number, total: number, confidence: number): readonly number[] {
  const { low, high } = wilsonInterval(successes, total, confidence);
  return [low, high].map((share) => Number((100 * share).toFixed(1)));
}

t.test('intervals are those of tables and of the documentation', async (t) => {
  t.strictSame(interval(10, 100, 0.95), [5.5, 17.4]);
  t.strictSame(interval(0, 20, 0.95), [0, 16.1]);
  t.strictSame(interval(1, 10, 0.95), [1.8, 40.4]);
  t.strictSame(interval(100, 1000, 0.999), [7.3, 13.6]);
  t.strictSame(interval(10_000, 100_000, 0.999), [9.7, 10.3]);
});

t.test('none and all are in the interval exactly, and nothing counted says nothing', async (t) => {
  t.equal(wilsonInterval(0, 7, 0.999).low, 0);
  t.equal(wilsonInterval(7, 7, 0.999).high, 1);
  t.strictSame(wilsonInterval(0, 0, 0.999), { low: 0, high: 1 });
});

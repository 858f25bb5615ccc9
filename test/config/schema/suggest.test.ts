import fc from 'fast-check';
import t from 'tap';
import { editDistance, nearestName } from '../../../src/config/schema/suggest.ts';

t.test('edit distance counts swaps of neighbours as one', async (t) => {
  t.equal(editDistance('weight', 'weight'), 0);
  t.equal(editDistance('wieght', 'weight'), 1);
  t.equal(editDistance('', 'abc'), 3);
  t.equal(editDistance('kitten', 'sitting'), 3);
});

t.test('edit distance is symmetric and at most the longer length', async () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      return distance === editDistance(b, a) && distance <= Math.max(a.length, b.length);
    }),
  );
});

t.test('the nearest name by spelling, meaning or stem', async (t) => {
  const names = ['uri', 'weight', 'headers', 'retries', 'host'];
  t.equal(nearestName('wieght', names), 'weight');
  t.equal(nearestName('weighting', names), 'weight');
  t.equal(nearestName('Headers', names), 'headers');
  t.equal(nearestName('url', names), 'uri');
  t.equal(nearestName('path', names), 'uri');
  t.equal(nearestName('retryPolicy', names), 'retries');
  t.equal(nearestName('somethingElse', names), null);
  t.equal(nearestName('toString', names), null);
});

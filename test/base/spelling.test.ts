import fc from 'fast-check';
import t from 'tap';
import { editDistance, nearestSpelling, nearestStem } from '../../src/base/spelling.ts';

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

t.test('the nearest has the fewest mistakes, one in three letters at most', async (t) => {
  const names = ['weight', 'height', 'Host'];
  t.equal(nearestSpelling('wieght', names), 'weight');
  t.equal(nearestSpelling('HOTS', names), 'Host');
  t.equal(nearestSpelling('wxyzht', names), null);
  t.equal(nearestSpelling('', names), null);
});

t.test('a name of four letters or more that begins another one is near', async (t) => {
  t.equal(nearestStem('weighting', ['headers', 'weight']), 'weight');
  t.equal(nearestStem('HOST', ['hostSelector']), 'hostSelector');
  t.equal(nearestStem('uri', ['uriPrefix']), null);
});

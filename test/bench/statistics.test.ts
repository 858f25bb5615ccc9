import t from 'tap';
import { pairedRatios, rotated, spreadOf } from '../../bench/support/statistics.ts';

t.test('a spread is the middle with the least and the greatest', async (t) => {
  t.same(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 });
  t.same(spreadOf([4, 1]), { median: 2.5, least: 1, most: 4 });
  t.equal(spreadOf([]), null);
});

t.test('ratios are taken within a round', async (t) => {
  t.same(pairedRatios([10, 40], [5, 10]), [2, 4]);
  t.same(pairedRatios([10, 40], [5]), [2], 'a round that one of both lacks says nothing');
});

t.test('who is first in a round is second in the next', async (t) => {
  t.same(rotated(['a', 'b', 'c'], 0), ['a', 'b', 'c']);
  t.same(rotated(['a', 'b', 'c'], 1), ['c', 'a', 'b']);
  t.same(rotated(['a', 'b', 'c'], 3), ['a', 'b', 'c']);
  t.same(rotated([], 1), []);
});

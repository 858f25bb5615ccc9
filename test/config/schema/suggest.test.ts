import t from 'tap';
import { nearestName } from '../../../src/config/schema/suggest.ts';

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

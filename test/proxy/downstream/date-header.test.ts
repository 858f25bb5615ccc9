import t from 'tap';
import { DateHeader } from '../../../src/proxy/downstream/date-header.ts';
import { ManualClock } from '../../support/manual-clock.ts';

t.test('the date is that of the wall clock, to the second', async (t) => {
  const clock = new ManualClock(0, Date.UTC(1994, 10, 6, 8, 49, 36, 500));
  const date = new DateHeader(clock);
  t.equal(date.value, 'Sun, 06 Nov 1994 08:49:36 GMT');
  clock.advance(499);
  t.equal(date.value, 'Sun, 06 Nov 1994 08:49:36 GMT');
  clock.advance(1);
  t.equal(date.value, 'Sun, 06 Nov 1994 08:49:37 GMT');
});

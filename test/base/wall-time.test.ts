/** Wall time of moments of a clock, measured once a second. */

import t from 'tap';
import { WallTime } from '../../src/base/wall-time.ts';
import { ManualClock } from '../support/manual-clock.ts';

const start = Date.UTC(2026, 10, 22);

t.test('moments keep their distance within a second', async (t) => {
  const clock = new ManualClock(500, start);
  const wallTime = new WallTime(clock);
  t.equal(wallTime.at(clock.now()), start + 500);
  clock.advance(0.25);
  t.equal(wallTime.at(clock.now()), start + 500.25, 'with fractions');
});

t.test('a wall clock that is set anew shows after a second', async (t) => {
  const clock = new ManualClock(0, start);
  const wallTime = new WallTime(clock);
  wallTime.at(clock.now());
  clock.setWallBy(60_000);
  clock.advance(999);
  t.equal(wallTime.at(clock.now()), start + 999);
  clock.advance(1);
  t.equal(wallTime.at(clock.now()), start + 61_000);
});

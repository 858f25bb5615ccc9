import t from 'tap';
import { ManualClock } from '../../src/base/clock.ts';
import { ManualTimers, systemTimers } from '../../src/base/timers.ts';

t.test('manual timers fire in order of time, then of setting, at their own time', async (t) => {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
  timers.set(20, note('late'));
  timers.set(10, note('first'));
  timers.set(10, note('second'));
  timers.advance(9);
  t.same(fired, []);
  timers.advance(1);
  t.same(fired, ['first@10', 'second@10']);
  timers.advance(100);
  t.same(fired, ['first@10', 'second@10', 'late@20']);
  t.equal(clock.now(), 110);
  t.equal(timers.size, 0);
});

t.test('a manual timer that is set by a callback fires within the same advance', async (t) => {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const fired: number[] = [];
  const again = () => {
    fired.push(clock.now());
    timers.set(10, again);
  };
  timers.set(10, again);
  timers.advance(35);
  t.same(fired, [10, 20, 30]);
});

t.test('a cancelled manual timer does not fire', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  timers.set(1, () => t.fail('fired')).cancel();
  timers.advance(10);
  t.equal(timers.size, 0);
});

t.test('a system timer fires once and can be cancelled', async (t) => {
  systemTimers.set(1, () => t.fail('fired though cancelled')).cancel();
  // System timers do not keep the process alive, so this test holds it.
  const hold = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => {
    systemTimers.set(5, resolve);
  });
  clearInterval(hold);
});

import t from 'tap';
import { FineTimers, monotonicMs } from '../../src/base/fine-timers.ts';
import { keepAlive } from '../../src/base/timers.ts';

const awake = keepAlive();
t.teardown(() => awake.cancel());

async function started(): Promise<FineTimers> {
  const timers = await FineTimers.start();
  t.teardown(() => timers.stop());
  return timers;
}

t.test('timers fire in the order of their times, then of setting', async (t) => {
  const timers = await started();
  const fired: string[] = [];
  await new Promise<void>((resolve) => {
    timers.set(40, resolve);
    timers.set(20.4, () => fired.push('c'));
    timers.set(20.2, () => fired.push('b'));
    timers.set(0, () => fired.push('a'));
    timers.set(30, () => fired.push('d'));
  });
  t.strictSame(fired, ['a', 'b', 'c', 'd']);
});

t.test('what is cancelled does not fire, and those behind it do', async (t) => {
  const timers = await started();
  const fired: string[] = [];
  timers.set(2, () => fired.push('cancelled')).cancel();
  const later = timers.set(100, () => fired.push('later'));
  await new Promise<void>((resolve) => {
    timers.set(5, () => {
      later.cancel();
      later.cancel();
      timers.set(120, resolve);
    });
  });
  t.strictSame(fired, []);
});

t.test('none fires early, and most fire within half a millisecond', async (t) => {
  const timers = await started();
  const late: number[] = [];
  for (let round = 0; round < 100; round++) {
    const dueMs = monotonicMs() + 3.3;
    await new Promise<void>((resolve) => timers.set(3.3, resolve));
    late.push(monotonicMs() - dueMs);
  }
  late.sort((a, b) => a - b);
  t.ok((late[0] ?? -1) >= 0, `the first is ${late[0]} ms late`);
  // Of a busy machine: a timer of Node would be 1 ms late in the mean.
  t.ok((late[20] ?? 9) < 0.5, `a fifth is at most ${late[20]} ms late`);
});

import fc from 'fast-check';
import t from 'tap';
import { TimerEntry, TimerWheel } from '../../src/base/timer-wheel.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

class Entry extends TimerEntry {
  readonly #callback: () => void;

  constructor(callback: () => void) {
    super();
    this.#callback = callback;
  }

  override onTimeout(): void {
    this.#callback();
  }
}

function setUp(start = 0) {
  const clock = new ManualClock(start);
  const timers = new ManualTimers(clock);
  const wheel = new TimerWheel(timers, clock);
  const fired: string[] = [];
  const entry = (name: string) => new Entry(() => fired.push(`${name}@${clock.now()}`));
  return { clock, timers, wheel, fired, entry };
}

t.test('an entry fires at the first tick that is not early', async (t) => {
  const { timers, wheel, fired, entry } = setUp(3);
  wheel.arm(entry('a'), 10);
  timers.advance(16.9);
  t.same(fired, []);
  timers.advance(0.1);
  t.same(fired, ['a@20']);
  t.equal(wheel.size, 0);
});

t.test('entries of one tick fire in the order of arming', async (t) => {
  const { timers, wheel, fired, entry } = setUp();
  for (const name of ['a', 'b', 'c']) wheel.arm(entry(name), 5);
  timers.advance(10);
  t.same(fired, ['a@10', 'b@10', 'c@10']);
});

t.test('disarming is final and harmless when repeated', async (t) => {
  const { timers, wheel, fired, entry } = setUp();
  const disarmed = entry('a');
  wheel.arm(disarmed, 10);
  t.equal(disarmed.armed, true);
  wheel.disarm(disarmed);
  wheel.disarm(disarmed);
  t.equal(disarmed.armed, false);
  timers.advance(1000);
  t.same(fired, []);
});

t.test('arming again replaces the earlier time', async (t) => {
  const { timers, wheel, fired, entry } = setUp();
  const moved = entry('a');
  wheel.arm(moved, 50);
  timers.advance(40);
  wheel.arm(moved, 50);
  t.equal(wheel.size, 1);
  timers.advance(1000);
  t.same(fired, ['a@90']);
});

t.test('a shorter timeout armed later wakes the wheel in time', async (t) => {
  const { timers, wheel, fired, entry } = setUp();
  wheel.arm(entry('long'), 3_600_000);
  timers.advance(1_800_000);
  wheel.arm(entry('short'), 20);
  timers.advance(20);
  t.same(fired, ['short@1800020']);
  timers.advance(1_800_000);
  t.same(fired, ['short@1800020', 'long@3600000']);
});

t.test('an entry may arm itself and disarm its neighbours while it fires', async (t) => {
  const { clock, timers, wheel, fired, entry } = setUp();
  const neighbour = entry('neighbour');
  const self: Entry = new Entry(() => {
    fired.push(`self@${clock.now()}`);
    wheel.disarm(neighbour);
    if (fired.length < 3) wheel.arm(self, 0);
  });
  wheel.arm(self, 10);
  wheel.arm(neighbour, 10);
  timers.advance(100);
  t.same(fired, ['self@10', 'self@20', 'self@30']);
});

t.test('an entry that throws does not stop the others', async (t) => {
  const { timers, wheel, fired, entry } = setUp();
  const bad = new Entry(() => {
    throw new Error('bad');
  });
  wheel.arm(bad, 10);
  wheel.arm(entry('same tick'), 10);
  wheel.arm(entry('later'), 30);
  t.throws(() => timers.advance(10), /bad/);
  timers.advance(100);
  t.equal(fired.length, 2);
});

t.test('the system timer is set only while entries are armed', async (t) => {
  const { timers, wheel, entry } = setUp();
  t.equal(timers.size, 0);
  const one = entry('a');
  wheel.arm(one, 30);
  t.equal(timers.size, 1);
  wheel.disarm(one);
  timers.advance(30);
  t.equal(timers.size, 0);
});

t.test('a timeout beyond the span of the wheel fires at its time', async (t) => {
  const { timers, wheel, fired, entry } = setUp(123);
  const month = 31 * 86_400_000;
  wheel.arm(entry('a'), month);
  timers.advance(month + 10);
  t.same(fired, [`a@${month + 130}`]);
});

t.test('no entry fires early, and none later than one tick', async (t) => {
  const action = fc.record({
    wait: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100_000 })),
    ms: fc.oneof(
      fc.integer({ min: 0, max: 700 }),
      fc.integer({ min: 0, max: 50_000_000 }),
      fc.constantFrom(640, 630, 650, 40_960, 2_621_440),
    ),
    disarm: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e13, noNaN: true }),
      fc.array(action, { minLength: 1, maxLength: 40 }),
      (start, actions) => {
        const { clock, timers, wheel } = setUp(Math.round(start));
        let expected = 0;
        let fired = 0;
        for (const { wait, ms, disarm } of actions) {
          const due = clock.now() + ms;
          const entry = new Entry(() => {
            fired++;
            const late = clock.now() - due;
            if (late < 0 || late > 20) throw new Error(`${late} ms late`);
          });
          wheel.arm(entry, ms);
          timers.advance(wait);
          if (disarm && entry.armed) wheel.disarm(entry);
          else expected++;
        }
        timers.advance(60_000_000);
        return fired === expected && wheel.size === 0;
      },
    ),
    { numRuns: 200 },
  );
});

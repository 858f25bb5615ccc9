import t from 'tap';
import { TimerWheel } from '../../../src/base/timer-wheel.ts';
import type { PauseWatchOwner } from '../../../src/proxy/timeouts/pause-watch-owner.ts';
import { SendWatch } from '../../../src/proxy/timeouts/send-watch.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

class Sender implements PauseWatchOwner {
  readonly context: { readonly wheel: TimerWheel; readonly clock: ManualClock };
  readonly watch: SendWatch;
  readonly #timers: ManualTimers;
  unsentBytes = 0;
  requestSent = false;
  readonly clientIsSlow = false;
  stuck = 0;

  constructor() {
    const clock = new ManualClock();
    this.#timers = new ManualTimers(clock);
    this.context = { wheel: new TimerWheel(this.#timers, clock), clock };
    this.watch = new SendWatch(this, 1_000);
    this.watch.start();
  }

  onPauseTooLong(): void {
    this.stuck++;
  }

  wait(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) this.#timers.advance(10);
  }
}

t.test('what waits and does not get less is stuck', async (t) => {
  const sender = new Sender();
  sender.unsentBytes = 5_000;
  sender.wait(1_200);
  t.equal(sender.stuck, 0, 'the first look finds that it waits');
  sender.wait(120);
  t.equal(sender.stuck, 1);
  t.equal(sender.context.wheel.size, 0);
});

t.test('what gets less is not, nor where more has come', async (t) => {
  const sender = new Sender();
  sender.unsentBytes = 5_000;
  for (let i = 0; i < 10; i++) {
    sender.wait(900);
    if (i % 2 === 0) sender.unsentBytes--;
    else sender.watch.move();
  }
  t.equal(sender.stuck, 0);
  sender.wait(1_320);
  t.equal(sender.stuck, 1);
});

t.test('a client that sends nothing is waited for', async (t) => {
  const sender = new Sender();
  sender.wait(10_000);
  t.equal(sender.stuck, 0);
  sender.unsentBytes = 1;
  sender.wait(1_520);
  t.equal(sender.stuck, 1);
});

t.test('it ends with the request', async (t) => {
  const sender = new Sender();
  sender.requestSent = true;
  sender.wait(300);
  t.equal(sender.context.wheel.size, 0);
  const stopped = new Sender();
  stopped.unsentBytes = 1;
  stopped.watch.stop();
  stopped.wait(2_000);
  t.equal(stopped.stuck, 0);
});

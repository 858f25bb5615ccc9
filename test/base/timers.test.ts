import { type AddressInfo, connect, createServer } from 'node:net';
import t from 'tap';
import { systemTimers } from '../../src/base/timers.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

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

t.test('what has arrived during a pause of the process is read before a timer fires', async (t) => {
  const order: string[] = [];
  const server = createServer((socket) => socket.on('data', () => order.push('data')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  await new Promise((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => {
    client.write('x');
    systemTimers.set(1, () => {
      order.push('timer');
      resolve();
    });
    block(20);
  });
  t.same(order, ['data', 'timer']);
});

/** Stops the whole thread. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

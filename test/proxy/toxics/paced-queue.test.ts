import fc from 'fast-check';
import t from 'tap';
import { TimerWheel } from '../../../src/base/timer-wheel.ts';
import { PacedQueue, type PacedReceiver } from '../../../src/proxy/toxics/paced-queue.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

class Recorder implements PacedReceiver {
  bytes = 0;
  text = '';
  calls = 0;
  emptied = 0;
  onBytes: (() => void) | null = null;

  onPacedBytes(bytes: Buffer, start: number, end: number): void {
    this.calls++;
    this.bytes += end - start;
    this.text += bytes.toString('latin1', start, end);
    this.onBytes?.();
  }

  onPacedEmpty(): void {
    this.emptied++;
  }
}

function setUp(bytesPerSecond: number, held = false) {
  const clock = new ManualClock(1000);
  const timers = new ManualTimers(clock);
  const receiver = new Recorder();
  const wheel = new TimerWheel(timers, clock);
  const queue = new PacedQueue({ bytesPerSecond, held }, receiver, { clock, wheel });
  const push = (bytes: Buffer): void => queue.push(bytes, 0, bytes.length);
  return { queue, receiver, timers, wheel, push };
}

t.test('the rate holds at every moment, but for one slice', async (t) => {
  const rates = [1, 7, 50, 999, 10_000, 1_000_000, 100_000_000];
  for (const rate of rates) {
    const { queue, receiver, timers, push } = setUp(rate);
    const total = Math.min(rate * 3, 3_000_000);
    for (let sent = 0; sent < total; sent += 100_000) {
      push(Buffer.alloc(Math.min(100_000, total - sent), 'x'));
    }
    const slice = Math.max(1, rate / 50);
    for (let ms = 0; ms <= 3_020; ms += 10) {
      const allowed = Math.min(total, (rate * ms) / 1000);
      const { bytes } = receiver;
      if (bytes > allowed + slice || bytes < allowed - slice - rate / 100) {
        t.fail(`${bytes} bytes after ${ms} ms at ${rate}/s`);
      }
      timers.advance(10);
    }
    t.equal(receiver.bytes, total, `all of it at ${rate}/s`);
    t.equal(queue.queuedBytes, 0);
    t.ok(receiver.emptied > 0);
  }
});

t.test('order and content are kept, whatever the pieces', async (t) => {
  const { receiver, timers, push } = setUp(1000);
  const text = Array.from({ length: 500 }, (_, i) => `${i};`).join('');
  for (let at = 0; at < text.length; at += 13) push(Buffer.from(text.slice(at, at + 13), 'latin1'));
  timers.advance(5_000);
  t.equal(receiver.text, text);
});

t.test('time without bytes is not made up for', async (t) => {
  const { receiver, timers, push } = setUp(1000);
  push(Buffer.alloc(100));
  timers.advance(60_000);
  push(Buffer.alloc(10_000));
  t.equal(receiver.bytes, 120, 'one slice of 20 ms');
  timers.advance(1000);
  t.ok(receiver.bytes <= 100 + 1000 + 20, `${receiver.bytes}`);
});

t.test('what is pushed is copied', async (t) => {
  const { receiver, timers, push } = setUp(100);
  const shared = Buffer.from('abcdefghij');
  push(shared);
  shared.fill('?');
  timers.advance(1000);
  t.equal(receiver.text, 'abcdefghij');
});

t.test('without a rate bytes pass at once, in one piece, unless it is held', async (t) => {
  const { queue, receiver, wheel, push } = setUp(Number.POSITIVE_INFINITY);
  push(Buffer.alloc(1_000_000));
  t.match(receiver, { bytes: 1_000_000, calls: 1, emptied: 0 });
  queue.hold();
  push(Buffer.alloc(5));
  push(Buffer.alloc(6));
  t.match(receiver, { bytes: 1_000_000 });
  t.equal(queue.queuedBytes, 11);
  queue.release();
  t.match(receiver, { bytes: 1_000_011, calls: 3, emptied: 1 });
  t.equal(wheel.size, 0);
});

t.test('a held queue passes nothing and needs no timer', async (t) => {
  const { queue, receiver, timers, wheel, push } = setUp(1000, true);
  push(Buffer.alloc(100));
  timers.advance(5_000);
  t.equal(receiver.bytes, 0);
  t.equal(wheel.size, 0);
  queue.release();
  t.equal(receiver.bytes, 20);
  timers.advance(1_000);
  t.equal(receiver.bytes, 100);
});

t.test('a receiver that holds it in the middle gets no more', async (t) => {
  const { queue, receiver, timers, push } = setUp(1000);
  receiver.onBytes = () => queue.hold();
  push(Buffer.alloc(100));
  timers.advance(1000);
  t.equal(receiver.bytes, 20);
  t.equal(receiver.emptied, 0);
});

t.test('a queue that is given up keeps nothing', async (t) => {
  const { queue, receiver, timers, wheel, push } = setUp(1000);
  push(Buffer.alloc(100));
  queue.cancel();
  push(Buffer.alloc(100));
  timers.advance(1000);
  t.match(receiver, { bytes: 20, emptied: 0 });
  t.equal(queue.queuedBytes, 0);
  t.equal(wheel.size, 0);
});

type Step =
  | { readonly push: number }
  | { readonly pass: number }
  | { readonly hold: true }
  | { readonly release: true };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 400 }) }),
    fc.record({ pass: fc.integer({ min: 0, max: 500 }) }),
    fc.record({ hold: fc.constant(true as const) }),
    fc.record({ release: fc.constant(true as const) }),
  ),
  { maxLength: 40 },
);

t.test('whatever happens, nothing is lost, reordered or too fast', async (t) => {
  const rates = fc.constantFrom(1, 30, 999, 20_000, Number.POSITIVE_INFINITY);
  const property = fc.property(rates, fc.boolean(), steps, (rate, held, script) => {
    const { queue, receiver, timers, wheel, push } = setUp(rate, held);
    let sent = '';
    let ms = 0;
    for (const step of script) {
      if ('push' in step) {
        const text = Array.from({ length: step.push }, (_, i) => (sent.length + i) % 10).join('');
        sent += text;
        push(Buffer.from(text, 'latin1'));
      } else if ('pass' in step) {
        timers.advance(step.pass);
        ms += step.pass;
      } else if ('hold' in step) queue.hold();
      else queue.release();
      const slice = Math.max(1, rate / 50);
      if (!sent.startsWith(receiver.text)) return false;
      if (receiver.bytes + queue.queuedBytes !== sent.length) return false;
      if (receiver.bytes > (rate * ms) / 1000 + slice) return false;
    }
    queue.release();
    timers.advance((sent.length * 1000) / Math.min(rate, 1e6) + 2_000);
    return receiver.text === sent && wheel.size === 0;
  });
  fc.assert(property, { numRuns: 300 });
  t.pass('300 scripts');
});

import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import type { AnswerListener } from '../../src/loadtest/load/answer-reader.ts';
import { OpenLoop } from '../../src/loadtest/load/open-loop.ts';
import { RequestLog, unnamedAnswer } from '../../src/loadtest/request-log.ts';
import { RequestMix } from '../../src/loadtest/request-mix.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { page } from './load-run.ts';

// Latencies to the last digit, where a test holds the clock: what is sent when, and counted from when.

interface Play {
  /** When requests are due. */
  readonly due: readonly number[];
  /** What the service takes for each, milliseconds; null: no answer. */
  readonly takes: readonly (number | null)[];
  /** The process stands still from the first to the second time. */
  readonly pause?: readonly [fromMs: number, untilMs: number];
}

async function play({ due, takes, pause }: Play) {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const log = new RequestLog();
  const sentAt: number[] = [];
  const send = (_request: unknown, listener: AnswerListener): (() => void) => {
    const takesMs = takes[sentAt.push(clock.now()) - 1] ?? null;
    const answer = () => listener.onAnswer({ ...unnamedAnswer, status: 200 });
    if (takesMs === null) return () => undefined;
    const timer = timers.set(takesMs, answer);
    return () => timer.cancel();
  };
  const loop = new OpenLoop({
    due: due.values(),
    mix: new RequestMix([page], new SeededRandom(1)),
    client: { send, close: async () => undefined },
    ...{ log, clock, timers, timeoutMs: 1000, zero: 0, signal: new AbortController().signal },
  });
  const finished = loop.run();
  if (pause !== undefined) {
    timers.advance(pause[0]);
    clock.advance(pause[1] - pause[0]);
  }
  timers.advance(10_000);
  const { lateness } = await finished;
  const latencies = due.map((_, index) => log.latencyMs(index));
  return { log, sentAt, latencies, lateness };
}

t.test('requests leave when they are due, whatever became of earlier ones', async (t) => {
  const { sentAt, latencies, lateness } = await play({
    due: [5, 15, 15, 40],
    takes: [500, 20, 3, 0.25],
  });
  t.strictSame(sentAt, [5, 15, 15, 40]);
  t.strictSame(latencies, [500, 20, 3, 0.25]);
  t.equal(lateness.percentileMs(100), 0);
});

t.test('what a busy machine sends late counts from when it was due, and is told', async (t) => {
  const due = [10, 20, 30, 40];
  const { sentAt, latencies, lateness } = await play({
    ...{ due, takes: due.map(() => 2), pause: [15, 35] },
  });
  t.strictSame(sentAt, [10, 35, 35, 40]);
  // The first was answered at 12.
  t.strictSame(latencies, [2, 17, 7, 2]);
  t.equal(lateness.count, 4);
  t.equal(lateness.percentileMs(50), 0);
  t.equal(Math.round(lateness.percentileMs(100)), 15);
});

t.test('the lateness of a timer is not a latency of the service', async (t) => {
  const due = [10, 20];
  const { latencies, lateness } = await play({
    ...{ due, takes: due.map(() => 2), pause: [15, 20.75] },
  });
  t.strictSame(latencies, [2, 2]);
  t.equal(lateness.percentileMs(100), 0.75);
});

t.test('who does not answer has failed when the timeout is over', async (t) => {
  const { log, latencies } = await play({ due: [0, 100], takes: [null, 1] });
  t.equal(log.failure(0), 'timeout');
  t.ok((latencies[0] ?? 0) >= 1000 && (latencies[0] ?? 0) <= 1010, String(latencies[0]));
  t.equal(log.status(1), 200);
});

import t from 'tap';
import { Progress } from '../../../../src/cli/loadtest/report/progress.ts';
import { noKey, RequestLog, unnamedAnswer } from '../../../../src/loadtest/request-log.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

// One line each second: what came since the last one.

function play(isTTY: boolean): string {
  let [output, now] = ['', -500];
  const log = new RequestLog();
  const timers = new ManualTimers(new ManualClock());
  const stream = { isTTY, write: (text: string) => (output += text) };
  const answer = (status: number, latencyMs: number): void =>
    log.answered(log.begin(now, 0, noKey), { ...unnamedAnswer, status }, latencyMs);
  const load = { log, durationMs: 3000, now: () => now };
  const progress = new Progress({ output: stream, timers });
  progress.begin(load);
  timers.advance(1000);
  now = 500;
  answer(200, 12);
  answer(503, 3);
  log.failed(log.begin(now, 0, noKey), 'unfinished', 1);
  timers.advance(1000);
  now = 3400;
  answer(200, 80);
  log.begin(now, 0, noKey);
  timers.advance(1000);
  progress.end();
  timers.advance(5000);
  return output;
}

const lines = [
  'warming up',
  '1 s of 3 s: 3 requests, 1 errors, slowest 12 ms',
  '3 s of 3 s: 2 requests, 0 errors, slowest 80 ms',
];

t.test('a log gets lines', async (t) => {
  t.equal(play(false), lines.map((line) => `${line}\n`).join(''));
});

t.test('on a terminal one line changes, and goes at the end', async (t) => {
  const start = '\r\u001b[K';
  const shown = ['starting', ...lines, ''].map((line) => start + line);
  t.equal(play(true), shown.join(''));
});

t.test('requests without an answer are told as such, until the last is there', async (t) => {
  let [output, now] = ['', 0];
  const log = new RequestLog();
  const timers = new ManualTimers(new ManualClock());
  const progress = new Progress({ output: { write: (text) => (output += text) }, timers });
  progress.begin({ log, durationMs: 2000, now: () => now });
  const second = (): void => {
    now += 1000;
    timers.advance(1000);
  };
  const requests = [1, 2, 3].map((dueMs) => log.begin(dueMs, 0, noKey));
  second();
  log.answered(requests[0] ?? 0, { ...unnamedAnswer, status: 200 }, 1500);
  second();
  second();
  for (const index of requests.slice(1)) log.failed(index, 'timeout', 2500);
  second();
  progress.end();
  t.strictSame(output.trimEnd().split('\n'), [
    '1 s of 2 s: 3 sent, 0 answered',
    '2 s of 2 s: waiting for 2 answers',
    '2 s of 2 s: waiting for 2 answers',
    '2 s of 2 s: all is answered',
  ]);
});

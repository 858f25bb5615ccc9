import t from 'tap';
import { parseH2load } from '../../bench/support/h2load.ts';
import { parseWrk } from '../../bench/support/wrk.ts';

function wrkOutput(changes: object): string {
  const numbers = { requests: 10, durationUs: 1_000, bytes: 5_000, wrong: 0, errors: 0 };
  const result = { ...numbers, p50Us: 1, p99Us: 2, p999Us: 3, ...changes };
  return `Running 1s test\n  2 threads\nRESULT ${JSON.stringify(result)}\n`;
}

t.test('the numbers of wrk are in the line of our script', async (t) => {
  t.match(parseWrk(wrkOutput({})), { requests: 10, bytes: 5_000, p999Us: 3 });
});

t.test('a load with a response that is not right, or with none, is no measurement', async (t) => {
  for (const wrong of [{ wrong: 1 }, { errors: 1 }, { requests: 0 }]) {
    t.throws(() => parseWrk(wrkOutput(wrong)), /not right/, JSON.stringify(wrong));
  }
});

function h2loadOutput(done: number, succeeded: number, good: number): string {
  return [
    'finished in 1.00s, 100.00 req/s, 10KB/s',
    `requests: 120 total, 120 started, ${done} done, ${succeeded} succeeded, 0 failed, 0 errored`,
    `status codes: ${good} 2xx, 0 3xx, 0 4xx, 0 5xx`,
  ].join('\n');
}

t.test('what h2load has not finished in time is not counted', async (t) => {
  t.equal(parseH2load(h2loadOutput(100, 100, 103)), 100);
});

t.test('what h2load says of failures ends the measurement', async (t) => {
  t.throws(() => parseH2load(h2loadOutput(100, 99, 99)), /99 succeeded/);
  t.throws(() => parseH2load(h2loadOutput(100, 100, 98)), /98 with 2xx/);
  t.throws(() => parseH2load(h2loadOutput(0, 0, 0)), /no request was answered/);
  t.throws(() => parseH2load('could not connect'), /could not connect/);
});

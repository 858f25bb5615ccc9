import t from 'tap';
import type { Answer } from '../../bench/attacks/answer.ts';
import {
  type Outcome,
  renderHeading,
  renderRow,
  shortfalls,
  summarize,
} from '../../bench/attacks/report.ts';

function answers(waits: readonly number[], outcome = '200'): Answer[] {
  return waits.map((waitMs) => ({ way: 'HTTP/2 new', waitMs, lateMs: 0.5, outcome }));
}

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
const proxy = { proxyCpu: 0.5, othersCpu: 0.01, connections: 3000 };
const calm = { ...summarize(answers(hundred)), ...proxy };

function outcomeOf(changes: Partial<Outcome> = {}): Outcome {
  return {
    attack: 'slowloris',
    note: '',
    calm,
    attacked: calm,
    attacker: '',
    leftOver: null,
    heapMiB: 1,
    ...changes,
  };
}

t.test('answers are summed up, failures by way and reason', async (t) => {
  t.match(calm, { requests: 100, successPercent: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 });
  const some = summarize([
    ...answers(hundred),
    ...answers([5], '503'),
    ...answers([6], 'ECONNRESET'),
  ]);
  t.same(some.failures, { 'HTTP/2 new: 503': 1, 'HTTP/2 new: ECONNRESET': 1 });
  t.ok(some.successPercent < 99.9);
});

t.test('each bar that is missed is named', async (t) => {
  t.same(shortfalls(outcomeOf()), []);
  const failing = { ...calm, ...summarize([...answers(hundred), ...answers([1], '503')]) };
  const slow = { ...calm, p99Ms: 3 * calm.p99Ms + 1 };
  const cases: readonly [Partial<Outcome>, RegExp][] = [
    [{ attacked: failing }, /^99\.01 % of the requests succeeded/],
    [{ attacked: slow }, /^p99 298\.0 ms, calm 99\.0 ms$/],
    [{ attacked: { ...slow, lateMs: 40 } }, /40 ms late: busy machine$/],
    [{ leftOver: '2 timers' }, /^left over: 2 timers$/],
    [{ heapMiB: 9 }, /^the heap has grown by 9\.0 MiB$/],
  ];
  for (const [changes, expected] of cases) {
    const found = shortfalls(outcomeOf(changes));
    t.equal(found.length, 1);
    t.match(found[0], expected);
    t.match(renderRow(outcomeOf(changes)), 'FAILED');
  }
  t.match(renderRow(outcomeOf()), / ok$/);
  t.equal(renderHeading().indexOf('success'), renderRow(outcomeOf()).indexOf('100.00%'));
});

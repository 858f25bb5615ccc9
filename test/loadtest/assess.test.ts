import t from 'tap';
import { assess } from '../../src/loadtest/assess/assess.ts';
import { timeText } from '../../src/loadtest/assess/verdict.ts';
import type { Check } from '../../src/loadtest/check.ts';
import { many, observationsOf, type Seen } from './observations-of.ts';

// Every kind of assertion, on what holds and on what does not.

function judge(assertion: string, seen: Seen) {
  return assess(observationsOf(seen, [assertion]));
}

const oneInTen = many(1000, (index) => ({ endpoint: index % 10 === 0 ? 2 : index % 2 }));
const sticky = many(1000, (index) => ({ key: index % 10, endpoint: (index % 10) % 3 }));
const moving = many(1000, (index) => ({ key: index % 10, endpoint: index < 500 ? 0 : index % 3 }));
const failing = many(1000, (index) => ({ status: index >= 300 && index < 340 ? 503 : 200 }));
const timeouts = many(1000, (index) => ({ status: index < 20 ? 0 : 200 }));
const cutOff = many(1000, (index) => ({ status: index < 20 ? 503 : -1 }));
const slow = many(1000, (index) => ({ latencyMs: index < 100 ? 300 : 10 }));
const routed = many(1000, (index) => {
  return index % 2 === 0 ? { route: 'list', latencyMs: 10 } : { route: 'search', latencyMs: 80 };
});
const overflow = [0, 1000, 2000, 3000].map((atMs, index) => {
  return { atMs, values: new Map([['upstream_rq_retry_overflow', 7 + 10 * index]]) };
});
const away = [
  { atMs: 2300, port: 1002, ejected: true },
  { atMs: 3300, port: 1002, ejected: false },
];

interface Case {
  readonly kind: Check['kind'];
  readonly name: string;
  readonly seen: Seen;
  readonly holds: string;
  readonly fails: string;
  /** What the failure says was found. */
  readonly found: RegExp;
}

const unknownCounters = new Map([['upstrem_rq_totl', ['upstream_rq_total']]]);
const misspelt: Seen = { rows: [], counters: overflow, unknownCounters };

t.test('durations are written in one way', async (t) => {
  const texts = [0, 0.001, 0.0204, 0.9999, 1, 7.46, 999.9, 999.97, 1000, 1021.34, 90_000];
  t.strictSame(texts.map(timeText), [
    ...['0 ms', '1 µs', '20.4 µs', '1000 µs', '1 ms', '7.5 ms', '999.9 ms'],
    ...['1 s', '1 s', '1.021 s', '90 s'],
  ]);
  const [verdict] = judge('latency: {p50: 1us}', { rows: slow });
  t.equal(verdict?.expected, 'p50 at most 1 µs');
});

const cases: readonly Case[] = [
  {
    ...{ kind: 'shares', name: 'of requests', seen: { rows: oneInTen } },
    holds: 'shares: {of: {v1: 90, v2: 10}}',
    fails: 'shares: {of: {v2: 20}}',
    found: /^10 % \(100 of 1000\)$/,
  },
  {
    ...{ kind: 'shares', name: 'of keys', seen: { rows: sticky } },
    holds: 'shares: {of: {v2: 30}, per: key}',
    fails: 'shares: {of: {v2: 100}, per: key}',
    found: /^30 % \(3 of 10\)$/,
  },
  {
    ...{ kind: 'shares', name: 'during a time', seen: { rows: moving } },
    holds: '{shares: {of: {v1: 100}}, during: {until: 5s}}',
    fails: '{shares: {of: {v1: 100}}, during: {from: 5s}}',
    found: /of 500\)$/,
  },
  {
    ...{ kind: 'shares', name: 'of nothing', seen: { rows: oneInTen } },
    holds: '{shares: {of: {v1: 90}}}',
    fails: '{shares: {of: {v1: 90}}, during: {from: 9999ms}}',
    found: /^no request$/,
  },
  {
    ...{ kind: 'status', name: 'of aborts', seen: { rows: failing } },
    holds: 'status: {code: 503, percent: 4}',
    fails: 'status: {code: 503, percent: 10}',
    found: /^4 % \(40 of 1000\)$/,
  },
  {
    ...{ kind: 'delayed', name: 'by a fault', seen: { rows: slow } },
    holds: 'delayed: {longerThan: 200ms, percent: 10}',
    fails: 'delayed: {longerThan: 200ms, percent: 20}',
    found: /^10 %/,
  },
  {
    kind: 'mirror',
    name: 'of half',
    seen: { rows: many(100), reports: { 2: { mirrored: [20, 30] } } },
    holds: 'mirror: {workload: v2, percent: 50}',
    fails: 'mirror: {workload: v2, percent: 100}',
    found: /^50 % \(50 of 100\)$/,
  },
  {
    kind: 'mirror',
    name: 'of more than all',
    seen: { rows: many(100), reports: { 0: { mirrored: [100] }, 2: { mirrored: [120] } } },
    holds: 'mirror: {workload: v1, percent: 100}',
    fails: 'mirror: {workload: v2, percent: 100}',
    found: /^120 copies of 100 requests$/,
  },
  {
    ...{ kind: 'stickiness', name: 'of all keys', seen: { rows: moving } },
    holds: '{stickiness: {}, during: {until: 5s}}',
    fails: 'stickiness: {}',
    found: /^0 % \(0 of 10\)$/,
  },
  {
    ...{ kind: 'keysMoved', name: 'at a change', seen: { rows: moving } },
    holds: 'keysMoved: {at: 5s, atLeast: 50, atMost: 80}',
    fails: 'keysMoved: {at: 5s, atMost: 10}',
    found: /of 10\)$/,
  },
  {
    kind: 'retries',
    name: 'all at once',
    seen: { rows: many(100), reports: { 0: { retries: [5, 10] }, 1: { retries: [0, 5] } } },
    holds: 'retries: {atLeast: 0.1, atMost: 0.2}',
    fails: 'retries: {atMost: 0.1}',
    found: /^0\.2$/,
  },
  {
    kind: 'retries',
    name: 'in each window',
    seen: { rows: many(100), reports: { 0: { retries: [0, 0, 0, 0, 0, 20] } } },
    holds: 'retries: {atMost: 0.4, window: 500ms}',
    fails: 'retries: {atMost: 0.3, window: 500ms}',
    found: /^0 to 0\.4$/,
  },
  {
    ...{ kind: 'ejection', name: 'in time', seen: { rows: [], ejections: away } },
    holds: 'ejection: {workload: v1, endpoint: 2, after: 2s, within: 500ms, returnsWithin: 2s}',
    fails: 'ejection: {workload: v1, endpoint: 2, after: 2s, within: 200ms}',
    found: /^after 300 ms$/,
  },
  {
    ...{ kind: 'ejection', name: 'of the right one', seen: { rows: [], ejections: away } },
    holds: 'ejection: {workload: v1, endpoint: 2, after: 2s, within: 500ms}',
    fails: 'ejection: {workload: v1, endpoint: 1, after: 2s, within: 500ms}',
    found: /^not ejected$/,
  },
  {
    ...{ kind: 'ejection', name: 'with a return', seen: { rows: [], ejections: away } },
    holds: 'ejection: {workload: v1, endpoint: 2, after: 2s, within: 1s, returnsWithin: 1s}',
    fails: 'ejection: {workload: v1, endpoint: 2, after: 2s, within: 1s, returnsWithin: 500ms}',
    found: /^after 1 s$/,
  },
  {
    ...{ kind: 'concurrency', name: 'at the peak', seen: { rows: [], peaks: [4, 9] } },
    holds: 'concurrency: {workload: v1, atMost: 4}',
    fails: 'concurrency: {workload: v2, atMost: 4}',
    found: /^9$/,
  },
  {
    ...{ kind: 'recovery', name: 'in time', seen: { rows: failing } },
    holds: 'recovery: {after: 3s, within: 400ms}',
    fails: 'recovery: {after: 3s, within: 300ms}',
    found: /^after 400 ms$/,
  },
  {
    ...{ kind: 'recovery', name: 'at all', seen: { rows: failing } },
    holds: '{recovery: {after: 3s, within: 1s}, during: {until: 4s}}',
    fails: '{recovery: {after: 3s, within: 1s}, during: {until: 3300ms}}',
    found: /^errors until the end$/,
  },
  {
    ...{ kind: 'errors', name: 'with requests without an answer', seen: { rows: timeouts } },
    holds: 'errors: {atMost: 2}',
    fails: 'errors: {atMost: 1}',
    found: /^2 % \(20 of 1000\)$/,
  },
  {
    ...{ kind: 'errors', name: 'without requests that the end cut off', seen: { rows: cutOff } },
    holds: 'errors: {atMost: 100}',
    fails: 'errors: {atMost: 50}',
    found: /^100 % \(20 of 20\)$/,
  },
  {
    ...{ kind: 'latency', name: 'by percentiles', seen: { rows: slow } },
    holds: 'latency: {p50: 11ms, p89: 11ms, max: 301ms}',
    fails: 'latency: {p95: 200ms}',
    found: /^300 ms$/,
  },
  {
    ...{ kind: 'latency', name: 'of a route', seen: { rows: routed } },
    holds: '{latency: {p50: 11ms, p99: 11ms}, route: list}',
    fails: '{latency: {p50: 11ms}, route: search}',
    found: /^80\.1 ms$/,
  },
  {
    ...{ kind: 'counter', name: 'of the proxy', seen: { rows: [], counters: overflow } },
    holds: 'counter: {name: upstream_rq_retry_overflow, atLeast: 30, atMost: 30}',
    fails: 'counter: {name: upstream_rq_retry_overflow, atMost: 20}',
    found: /^grew by 30$/,
  },
  {
    ...{ kind: 'counter', name: 'during a time', seen: { rows: [], counters: overflow } },
    holds:
      '{counter: {name: upstream_rq_retry_overflow, atMost: 10}, during: {from: 1s, until: 2s}}',
    fails: '{counter: {name: upstream_rq_retry_overflow, atLeast: 11}, during: {from: 2s}}',
    found: /^grew by 10$/,
  },
  {
    ...{ kind: 'counter', name: 'that nobody told', seen: { rows: [], counters: overflow } },
    holds: 'counter: {name: upstream_rq_retry_overflow}',
    fails: '{counter: {name: upstream_rq_retry_overflow}, during: {from: 5s}}',
    found: /^the proxy did not tell$/,
  },
  {
    ...{ kind: 'counter', name: 'that the proxy does not have', seen: misspelt },
    holds: 'counter: {name: upstream_rq_retry_overflow}',
    fails: 'counter: {name: upstrem_rq_totl, atMost: 0}',
    found: /^the proxy has no such counter; nearest: upstream_rq_total$/,
  },
];

for (const { kind, name, seen, holds, fails, found } of cases) {
  t.test(`${kind} ${name}`, async (t) => {
    const good = judge(holds, seen);
    t.ok(good.length > 0);
    for (const { passed, ...verdict } of good) t.ok(passed, JSON.stringify(verdict));
    const bad = judge(fails, seen).filter(({ passed }) => !passed);
    t.equal(bad.length, 1, JSON.stringify(judge(fails, seen)));
    t.equal(bad[0]?.kind, kind);
    t.match(bad[0]?.found, found);
  });
}

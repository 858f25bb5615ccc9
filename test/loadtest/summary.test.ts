import t, { type Test } from 'tap';
import { summarize } from '../../src/loadtest/summary.ts';
import { many, observationsOf } from './observations-of.ts';

const text = `target: {config: [rules]}
load: {phases: [{constant: 100, duration: 2s}]}
requests: [{name: page}, {name: order}]
upstreams:
  - workload: v1
    endpoints: 2
    failures:
      - {at: 500ms, for: 1s, endpoint: 2, status: 503, percent: 20}
      - {at: 1s, action: down}
  - workload: v2
`;

/** Every fourth is an order; half are answered by each endpoint of v1; the last one times out. */
const rows = many(200, (index) => {
  const order = index % 4 === 0;
  if (index === 199) return { status: 0, latencyMs: 1000 };
  return {
    ...{ kind: order ? 1 : 0, endpoint: index % 2, status: index % 100 === 1 ? 503 : 200 },
    ...{ route: order ? 'orders' : 'pages', latencyMs: order ? 80 : 10 },
    ...{ tookMs: order ? 75 : 8, askedMs: 7 },
  };
});

function near(t: Test, found: number | undefined, expected: number): void {
  t.ok(Math.abs((found ?? 0) - expected) / expected < 0.002, `${found}, not ${expected}`);
}

t.test('requests are summed up all together, by name and by route', async (t) => {
  const { requests, routes } = summarize(observationsOf({ rows }, [], text));
  t.strictSame(
    requests.map(({ name, requests: count }) => [name, count]),
    [
      ['all', 200],
      ['page', 150],
      ['order', 50],
    ],
  );
  t.strictSame(requests[0]?.statuses, { 200: 197, 503: 2 });
  t.strictSame(requests[0]?.failures, { timeout: 1 });
  near(t, requests[2]?.latency?.p50, 80);
  // Who does not answer has no route.
  t.strictSame(
    routes.map(({ name, requests: count }) => [name, count]),
    [
      ['orders', 50],
      ['pages', 149],
    ],
  );
  near(t, routes[1]?.latency?.max, 10);
});

t.test('what the proxy added is each latency less what its endpoint took', async (t) => {
  const { requests, endpoints, precision } = summarize(observationsOf({ rows }, [], text));
  near(t, requests[1]?.added?.p50, 2);
  near(t, requests[2]?.added?.p50, 5);
  near(t, endpoints[0]?.took?.max, 75);
  near(t, endpoints[1]?.took?.max, 8);
  t.equal(endpoints[2]?.took, null);
  t.strictSame(
    endpoints.map(({ answers }) => answers),
    [100, 99, 0],
  );
  // Orders took 68 ms more than they were asked to, pages 1 ms.
  near(t, precision.endpoints?.p50, 1);
  near(t, precision.endpoints?.p99, 68);
  t.equal(precision.driver, null);
});

t.test('the timeline has each second', async (t) => {
  const { timeline, durationMs } = summarize(observationsOf({ rows }, [], text));
  t.equal(durationMs, 2000);
  t.match(timeline, [
    { second: 0, requests: 100, errors: 1, workloads: { v1: 100 } },
    { second: 1, requests: 100, errors: 2, workloads: { v1: 99 } },
  ]);
  const unanswered = many(10, () => ({ status: 0 }));
  t.match(summarize(observationsOf({ rows: unanswered })).timeline, [{ p50: null, max: null }]);
});

t.test('failures of the script stand there as they were planned', async (t) => {
  const { failures } = summarize(observationsOf({ rows }, [], text));
  t.strictSame(failures, [
    { workload: 'v1', endpoint: 2, fromMs: 500, untilMs: 1500, what: 'status 503, 20 %' },
    { workload: 'v1', endpoint: null, fromMs: 1000, untilMs: 2000, what: 'down' },
  ]);
});

t.test(
  'counters that grew are told, and a run without any assertion passes with a note',
  async (t) => {
    const counters = [0, 2000].map((atMs) => {
      return {
        atMs,
        values: new Map([
          ['a', atMs],
          ['b', 5],
        ]),
      };
    });
    const summary = summarize(observationsOf({ rows, counters, notes: ['ended early'] }));
    t.strictSame(summary.counters, { a: 2000 });
    t.equal(summary.passed, true);
    const nothing = 'nothing is asserted: the scenario has no "assertions"';
    t.strictSame(summary.notes.slice(0, 2), ['ended early', nothing]);
    const asserting = summarize(observationsOf({ rows }, ['errors: {atMost: 50}']));
    t.notOk(asserting.notes.includes(nothing));
  },
);

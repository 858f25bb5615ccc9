import t from 'tap';
import type { EndpointState } from '../../../src/admin/api/schema/clusters.ts';
import { painter } from '../../../src/cli/output/color.ts';
import { topJson, topText } from '../../../src/cli/top/top-report.ts';
import { type TopView, topScreen } from '../../../src/cli/top/top-screen.ts';
import { TrafficWindow } from '../../../src/cli/top/traffic-window.ts';

const plain = painter(false);
const row = { requestsPerSecond: 120.44, successShare: 0.99999, p50: 1.234, p90: 22, p99: 1234 };
const worse = { ...row, name: 'ratings.default', requestsPerSecond: 2, successShare: 0.5, p99: 2 };

function endpoint(address: string, changes: Partial<EndpointState> = {}): EndpointState {
  return {
    cluster: 'outbound|9080|v1|reviews.default.svc.cluster.local',
    address,
    host: null,
    health: 'healthy',
    ejected: false,
    failedHealthCheck: false,
    excluded: false,
    weight: 1,
    priority: 0,
    locality: { region: '', zone: '', subzone: '' },
    workload: null,
    activeRequests: 3,
    activeConnections: 1,
    requests: 1000,
    requestErrors: 7,
    connections: 1,
    connectFailures: 0,
    ...changes,
  };
}

const view: TopView = {
  place: '127.0.0.1:15000',
  info: null,
  problem: null,
  seconds: 10,
  total: { ...row, name: '' },
  traffic: [worse, { ...row, name: 'reviews.default' }],
  endpoints: [
    { endpoint: endpoint('127.0.0.1:9081'), requestsPerSecond: 60 },
    { endpoint: endpoint('127.0.0.1:9083'), requestsPerSecond: null },
    {
      endpoint: endpoint('127.0.0.1:9082', { health: 'unhealthy', ejected: true }),
      requestsPerSecond: 0,
    },
  ],
  grouping: 'service',
  order: 'requests',
  wall: 0,
};

t.test('a terminal of usual size has both tables, and the keys at its end', async (t) => {
  const lines = topScreen(view, { columns: 80, rows: 14 }, plain);
  t.same(lines.slice(1), [
    '120 req/s  99.99 % success  p50 1.23 ms  p90 22.0 ms  p99 1234 ms  2/3 healthy',
    '',
    'SERVICE                        REQ/S    SUCCESS        P50        P90        P99',
    'reviews.default                  120    99.99 %    1.23 ms    22.0 ms    1234 ms',
    'ratings.default                  2.0    50.00 %    1.23 ms    22.0 ms    2.00 ms',
    '',
    'ENDPOINT               OF                     HEALTH       REQ/S  ACTIVE  ERRORS',
    '127.0.0.1:9082         reviews.default v1     ejected        0.0       3       7',
    '127.0.0.1:9081         reviews.default v1     healthy       60.0       3       7',
    '127.0.0.1:9083         reviews.default v1     healthy          -       3       7',
    '',
    '',
    'q quit   s sort: requests   g group: service   last 10 s',
  ]);
  t.match(lines[0], /^sluice top {3}127\.0\.0\.1:15000 {39,}\d\d:00:00$/);
});

t.test('every line fits, and there are as many as the terminal has rows', async (t) => {
  const many = Array.from({ length: 50 }, (_, index) => ({ ...row, name: `service-${index}` }));
  for (const columns of [44, 59, 60, 79, 80, 200]) {
    for (const rows of [8, 9, 24, 60]) {
      for (const traffic of [[], view.traffic, many]) {
        const lines = topScreen({ ...view, traffic }, { columns, rows }, plain);
        const widest = Math.max(...lines.map((line) => line.length));
        t.ok(lines.length === rows && widest <= columns, `${columns} x ${rows}`, { lines });
      }
    }
  }
  t.same(topScreen(view, { columns: 43, rows: 24 }, plain), ['too small; q quits']);
  t.same(topScreen(view, { columns: 9, rows: 2 }, plain), ['too smal…']);
  const lines = topScreen({ ...view, traffic: many }, { columns: 80, rows: 24 }, plain);
  t.ok(lines.includes('… 37 more'), lines.join('\n'));
});

t.test('lines are sorted by what is asked for', async (t) => {
  const first = (order: TopView['order']): string | undefined =>
    topText({ ...view, order })
      .split('\n')[3]
      ?.split(' ')[0];
  t.equal(first('requests'), 'reviews.default');
  t.equal(first('success'), 'ratings.default');
  t.equal(first('p99'), 'reviews.default');
  t.equal(first('name'), 'ratings.default');
});

t.test('the second line says what is wrong, or that there is nothing', async (t) => {
  const second = (changes: Partial<TopView>): string | undefined =>
    topScreen({ ...view, ...changes }, { columns: 60, rows: 24 }, plain)[1];
  t.equal(second({ problem: 'no answer' }), 'no answer');
  t.equal(second({ total: null }), 'no requests  2/3 healthy');
});

t.test('what is bad is coloured', async (t) => {
  const text = topScreen(view, { columns: 80, rows: 14 }, painter(true)).join('\n');
  t.match(text, '\u001b[31m  50.00 %\u001b[0m');
  t.match(text, '\u001b[31mejected  \u001b[0m');
  t.match(text, '\u001b[32mhealthy  \u001b[0m');
});

t.test('as JSON it has all groupings, and numbers', async (t) => {
  const report = JSON.parse(topJson(view, new TrafficWindow(10_000)));
  t.match(report, { seconds: 10, total: row, services: [], routes: [], clusters: [] });
  t.match(report.endpoints[1], {
    address: '127.0.0.1:9081',
    requestsPerSecond: 60,
    requests: 1000,
  });
});

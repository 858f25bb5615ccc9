import t from 'tap';
import { TrafficWindow } from '../../../src/cli/top/traffic-window.ts';
import type { RequestRecord } from '../../../src/telemetry/traffic/request-record.ts';
import { testRecord } from '../../telemetry/traffic/request-record-fixture.ts';

const now = 1_000_000;

/** Of requests that ended `ages` milliseconds ago; the newest first, as the API has them. */
function recordsOf(ages: readonly number[], changes: Partial<RequestRecord> = {}): RequestRecord[] {
  return ages.map((age, index) =>
    testRecord({
      id: ages.length - index,
      startedAt: now - age - 10,
      durationMs: 10,
      status: 200,
      ...changes,
    }),
  );
}

function recent(requests: readonly RequestRecord[], changes = {}) {
  const counts = { kept: requests.length, capacity: 1000, ended: requests.length, unrecorded: 0 };
  return { requests: [...requests], ...counts, ...changes };
}

t.test('it begins with what the proxy remembers of its seconds', async (t) => {
  const window = new TrafficWindow(10_000);
  t.equal(window.begin(recent(recordsOf([10, 500, 9000, 30_000])), now), true);
  t.match(window.total(now), { requestsPerSecond: 0.3, successShare: 1 });
  t.equal(window.seconds(now), 10);
  t.equal(window.total(now + 20_000), null, 'later all of them are forgotten');
});

t.test('a ring that does not go back so far makes the window shorter', async (t) => {
  const window = new TrafficWindow(10_000);
  window.begin(recent(recordsOf([0, 1000, 2000]), { capacity: 3 }), now);
  t.equal(window.seconds(now), 2);
  t.match(window.total(now), { requestsPerSecond: 1.5 });
  t.equal(window.seconds(now + 60_000), 10, 'and later it is whole');
});

t.test('of a proxy that left some out nothing is taken over', async (t) => {
  const window = new TrafficWindow(10_000);
  t.equal(window.begin(recent(recordsOf([10, 20]), { unrecorded: 5 }), now), false);
  t.equal(window.total(now), null);
});

t.test('a streamed record that was remembered counts once', async (t) => {
  const window = new TrafficWindow(10_000);
  const [newest, ...older] = recordsOf([10, 20]);
  window.begin(recent(older), now);
  for (const record of [...older, newest, newest]) if (record !== undefined) window.add(record);
  t.match(window.total(now), { requestsPerSecond: 0.2 });
});

t.test('records stand for those that were not sent', async (t) => {
  const window = new TrafficWindow(10_000);
  const old = recordsOf([5000], { status: 500 });
  window.begin(recent(old), now);
  for (const record of recordsOf([100, 200, 300]).reverse()) {
    window.add({ ...record, id: record.id + 1 });
  }
  window.addUnseen(6, now);
  const total = window.total(now);
  t.equal(total?.requestsPerSecond, 1);
  t.ok(Math.abs((total?.successShare ?? 0) - 0.9) < 1e-9, 'the one of before counts once');
});

t.test('what failed is 5xx, another gRPC status than 0, and no response at all', async (t) => {
  const table: readonly (readonly [Partial<RequestRecord>, number])[] = [
    [{ status: 200 }, 1],
    [{ status: 404 }, 1],
    [{ status: 500 }, 0],
    [{ status: 0 }, 0],
    [{ status: 200, grpcStatus: 0 }, 1],
    [{ status: 200, grpcStatus: 14 }, 0],
  ];
  for (const [changes, share] of table) {
    const window = new TrafficWindow(10_000);
    window.begin(recent(recordsOf([10], changes)), now);
    t.equal(window.total(now)?.successShare, share, JSON.stringify(changes));
  }
});

t.test('a TCP connection is no request', async (t) => {
  const window = new TrafficWindow(10_000);
  window.begin(recent(recordsOf([10], { protocol: 'TCP' })), now);
  t.equal(window.total(now), null);
});

t.test('requests are grouped by what they went to', async (t) => {
  const window = new TrafficWindow(10_000);
  const unrouted = { cluster: '', route: '', virtualHost: '' };
  window.begin(
    recent([
      ...recordsOf([10]),
      ...recordsOf([10], { cluster: 'outbound|80||httpbin.org', route: '' }),
      ...recordsOf([10], { cluster: 'PassthroughCluster', route: 'allow_any' }),
      ...recordsOf([10], unrouted),
    ]),
    now,
  );
  const names = (grouping: 'service' | 'route' | 'cluster') =>
    window.rows(grouping, now).map(({ name }) => name);
  t.same(names('service'), ['reviews.default', 'httpbin.org', 'PassthroughCluster', 'no route']);
  t.same(names('cluster'), [
    'outbound|9080|v1|reviews.default.svc.cluster.local',
    'outbound|80||httpbin.org',
    'PassthroughCluster',
    'no route',
  ]);
  t.same(names('route'), [
    'bookinfo.example:80 / reviews-canary',
    'bookinfo.example:80',
    'bookinfo.example:80 / allow_any',
    'no route',
  ]);
});

t.test('quantiles are durations that happened', async (t) => {
  const window = new TrafficWindow(10_000);
  const records = Array.from({ length: 100 }, (_, index) =>
    testRecord({ id: 100 - index, startedAt: now - 200, durationMs: 100 - index, status: 200 }),
  );
  window.begin(recent(records), now);
  t.match(window.total(now), { p50: 50, p90: 90, p99: 99 });
});

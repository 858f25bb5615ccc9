import t from 'tap';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import {
  LiveTraffic,
  notableRecordedPerSecond,
  recentRequestsMax,
  recordedPerSecond,
  slowRequestMs,
  type TrafficReader,
} from '../../../src/telemetry/traffic/live-traffic.ts';
import { compileRequestFilter } from '../../../src/telemetry/traffic/request-filter.ts';
import type { RequestRecord } from '../../../src/telemetry/traffic/request-record.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { testListener, testStreamInfo } from '../stream-info-fixture.ts';

interface Fixture {
  readonly traffic: LiveTraffic;
  readonly timers: ManualTimers;
}

function fixture(): Fixture {
  const timers = new ManualTimers(new ManualClock());
  const traffic = new LiveTraffic(timers);
  traffic.follow({
    namespace: 'web',
    labels: { app: 'client', version: 'v3' },
    locality: { region: '', zone: '', subzone: '' },
    workload: 'client-v3',
  });
  return { traffic, timers };
}

/** Ends at `at`; Clock.now(). */
function exchange(at: number, change: (info: StreamInfo) => void = () => {}): StreamInfo {
  const info = testStreamInfo();
  info.endedAt = at;
  info.path = `/at/${at}`;
  change(info);
  return info;
}

class Reader implements TrafficReader {
  readonly requests: RequestRecord[] = [];
  readonly drops: number[] = [];
  readonly filter: TrafficReader['filter'];
  readonly perSecond: number;

  constructor(perSecond: number, filter = '') {
    const compiled = compileRequestFilter(filter);
    this.filter = compiled.ok ? compiled.value : null;
    this.perSecond = perSecond;
  }

  onRequest(record: RequestRecord): void {
    this.requests.push(record);
  }

  onSecond(dropped: number): void {
    this.drops.push(dropped);
  }
}

t.test('while there are few, all are recorded, and listed the newest first', (t) => {
  const { traffic } = fixture();
  for (let at = 1010; at < 1013; at++) traffic.onEnd(exchange(at));
  const paths = traffic.recent.list(null, 10).map(({ id, path }) => `${id} ${path}`);
  t.same(paths, ['3 /at/1012', '2 /at/1011', '1 /at/1010']);
  t.same(
    traffic.recent.list(null, 2).map(({ id }) => id),
    [3, 2],
  );
  t.same(
    traffic.recent.list(({ id }) => id < 3, 1).map(({ id }) => id),
    [2],
  );
  t.equal(traffic.ended, 3);
  t.equal(traffic.unrecorded, 0);
  t.end();
});

t.test('only so many are kept', (t) => {
  const { traffic } = fixture();
  const count = recentRequestsMax + 50;
  // Ten each second, so that none is left out.
  for (let index = 0; index < count; index++) traffic.onEnd(exchange(1000 + index * 100));
  const ids = traffic.recent.list(null, Number.POSITIVE_INFINITY).map(({ id }) => id);
  t.equal(ids.length, recentRequestsMax);
  t.equal(ids[0], count);
  t.equal(ids.at(-1), 51);
  t.end();
});

t.test('under load errors and slow ones are recorded first', (t) => {
  const { traffic } = fixture();
  for (let index = 0; index < 500; index++) traffic.onEnd(exchange(1500));
  t.equal(traffic.recent.size, recordedPerSecond);
  t.equal(traffic.unrecorded, 500 - recordedPerSecond);
  const notable: readonly ((info: StreamInfo) => void)[] = [
    (info) => (info.status = 503),
    (info) => (info.responseFlags = responseFlag.downstreamTermination),
    (info) => (info.grpcStatus = 14),
    (info) => (info.endedAt = info.startedAt + slowRequestMs),
  ];
  for (const change of notable) traffic.onEnd(exchange(1500, change));
  t.equal(traffic.recent.size, recordedPerSecond + 4);
  for (let index = 0; index < 500; index++) {
    traffic.onEnd(exchange(1500, (info) => (info.status = 500)));
  }
  t.equal(traffic.recent.size, recordedPerSecond + notableRecordedPerSecond);
  traffic.onEnd(exchange(2500));
  t.equal(traffic.recent.size, recordedPerSecond + notableRecordedPerSecond + 1);
  t.equal(traffic.ended, traffic.recent.size + traffic.unrecorded);
  t.end();
});

t.test('a record has what is known of the exchange, and no more of the request', (t) => {
  const { traffic } = fixture();
  const info = exchange(1012, (it) => {
    it.path = `/${'é'.repeat(3000)}`;
    it.path = Buffer.from(it.path).toString('latin1');
    it.originalPath = '/before';
    it.responseFlags = responseFlag.upstreamConnectionFailure;
    it.virtualHostName = 'reviews:9080';
  });
  traffic.onEnd(info);
  const [record] = traffic.recent.list(null, 1);
  t.match(record, {
    startedAt: Date.UTC(2026, 10, 21, 10, 34, 5, 7),
    durationMs: 12,
    direction: 'outbound',
    protocol: 'HTTP/1.1',
    flags: ['UF'],
    originalPath: '/before',
    virtualHost: 'reviews:9080',
    route: 'canary',
    cluster: 'outbound|9080|v1|reviews.default.svc.cluster.local',
    endpoint: '127.0.0.1:9080',
    source: { workload: 'client-v3', namespace: 'web', app: 'client', version: 'v3' },
    destination: { workload: 'reviews-v1', namespace: 'default', version: 'v1' },
  });
  t.ok((record?.path.length ?? 0) <= 2048);
  t.match(record?.path, /^\/é+/);
  t.notMatch(JSON.stringify(record), /secret/);
  t.end();
});

t.test('an inbound exchange has the proxy as its destination', (t) => {
  const { traffic } = fixture();
  const info = testStreamInfo(testListener('inbound'));
  info.protocol = '';
  traffic.onEnd(info);
  const [record] = traffic.recent.list(null, 1);
  t.match(record, { source: null, destination: { workload: 'client-v3' }, protocol: 'TCP' });
  t.end();
});

t.test('those who read along get what they asked for, until they leave', (t) => {
  const { traffic, timers } = fixture();
  const all = new Reader(10);
  const errors = new Reader(10, 'status>=500');
  const leave = [all, errors].map((reader) => traffic.subscribe(reader));
  traffic.onEnd(exchange(1010));
  traffic.onEnd(exchange(1011, (info) => (info.status = 500)));
  t.same(
    all.requests.map(({ id }) => id),
    [1, 2],
  );
  t.same(
    errors.requests.map(({ id }) => id),
    [2],
  );
  t.equal(timers.size, 1);
  for (const stop of leave) stop();
  t.equal(timers.size, 0, 'no timer is left behind');
  traffic.onEnd(exchange(1012));
  t.equal(all.requests.length, 2);
  t.end();
});

t.test('what is too much for a second is counted, and told', (t) => {
  const { traffic, timers } = fixture();
  const all = new Reader(5);
  const errors = new Reader(1, 'status>=500');
  const leave = [all, errors].map((reader) => traffic.subscribe(reader));
  for (let index = 0; index < 8; index++) traffic.onEnd(exchange(1010));
  for (let index = 0; index < 2; index++) {
    traffic.onEnd(exchange(1010, (info) => (info.status = 500)));
  }
  t.equal(all.requests.length, 5);
  t.equal(errors.requests.length, 1);
  timers.advance(1000);
  t.same(all.drops, [5]);
  t.same(errors.drops, [1]);
  traffic.onEnd(exchange(2010));
  t.equal(all.requests.length, 6);
  timers.advance(1000);
  t.same(all.drops, [5, 0]);
  for (const stop of leave) stop();
  t.end();
});

t.test('a reader sees those of which no record is kept', (t) => {
  const { traffic } = fixture();
  for (let index = 0; index < recordedPerSecond; index++) traffic.onEnd(exchange(1500));
  const all = new Reader(10);
  const leave = traffic.subscribe(all);
  traffic.onEnd(exchange(1500));
  t.equal(all.requests.length, 1);
  t.equal(traffic.unrecorded, 1);
  leave();
  t.end();
});

t.test('readers see requests of other processes, within their limits', async (t) => {
  const { traffic, timers } = fixture();
  const told: boolean[] = [];
  traffic.onReaders = (any) => told.push(any);
  const [all, errors] = [new Reader(2), new Reader(10, 'status>=500')];
  const [leaveAll, leaveErrors] = [traffic.subscribe(all), traffic.subscribe(errors)];
  traffic.onEnd(exchange(1, (info) => (info.status = 503)));
  const [own] = all.requests;
  if (own === undefined) throw new Error('there is no record');
  const others = [200, 503, 200].map((status, index) => ({ ...own, status, id: 100 + index }));
  traffic.onOthers(others, 7);
  t.same(
    all.requests.map(({ id }) => id),
    [own.id, 100],
  );
  t.same(
    errors.requests.map(({ id }) => id),
    [own.id, 101],
  );
  timers.advance(1000);
  t.same(all.drops, [9], 'what nobody passed on is told as dropped');
  leaveAll();
  t.same(told, [true]);
  leaveErrors();
  t.same(told, [true, false], 'nobody has to pass anything on then');
});

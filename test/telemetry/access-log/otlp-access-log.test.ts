import t, { type Test } from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import type { OtlpAccessLog } from '../../../src/model/access-log-settings.ts';
import type { Collector } from '../../../src/model/collector.ts';
import { AccessLogSet } from '../../../src/runtime/access-log-set.ts';
import { LogRoot } from '../../../src/telemetry/logger.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import { ExchangeSpans } from '../../../src/telemetry/tracing/spans.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { meshOf, telemetryOf } from '../../support/mesh-models.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

const identity = {
  ...meshOf({}).proxy,
  namespace: 'shop',
  labels: { app: 'web' },
  locality: { region: 'eu', zone: 'eu-1', subzone: '' },
  workload: 'web-v1',
};

function start(t: Test) {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const messages: string[] = [];
  const root = new LogRoot({ clock, write: (line) => messages.push(line) });
  const logs = new AccessLogSet(timers, root.logger('access-log'));
  t.teardown(() => logs.close());
  const configure = (...settings: readonly OtlpAccessLog[]) =>
    logs.configure(identity, telemetryOf({ accessLogs: settings }));
  const record = (info: StreamInfo): void => {
    for (const log of logs.client) log.write(info);
  };
  const stat = (name: string): number =>
    [...logs.samples()].find((sample) => sample.name.endsWith(name))?.value ?? Number.NaN;
  return { clock, timers, messages, logs, configure, record, stat };
}

function settingsOf(
  collector: Pick<Collector, 'protocol' | 'url'> & Partial<Collector>,
  changes: Partial<OtlpAccessLog> = {},
): OtlpAccessLog {
  return {
    kind: 'otlp',
    filter: null,
    collector: { headers: {}, timeoutMs: 2000, ...collector },
    logName: 'shop-log',
    body: null,
    attributes: {},
    ...changes,
  };
}

/** Its spans have ids that are always the same. */
function sampled(clock: ManualClock): StreamInfo {
  const info = testStreamInfo();
  info.trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const context = { traceId: info.traceId, spanId: '00f067aa0ba902b7' };
  info.spans = new ExchangeSpans(context as never, clock, new SeededRandom(1));
  return info;
}

for (const protocol of ['otlp-http', 'otlp-grpc'] as const) {
  t.test(`records of exchanges over ${protocol}`, async (t) => {
    const collector = await LogCollector.start(t);
    const url = protocol === 'otlp-http' ? collector.httpUrl : collector.grpcUrl;
    const { clock, timers, configure, record, stat } = start(t);
    const settings = settingsOf(
      { protocol, url, headers: { 'x-key': 'k' } },
      {
        body: '%REQ(:METHOD)% %RESPONSE_CODE% %REQ(X-NAME)%',
        attributes: { host: '%REQ(:AUTHORITY)%', fixed: 'ü' },
      },
    );
    t.match(await configure(settings), { ok: true });
    const info = sampled(clock);
    info.requestHeaders?.append('x-name', Buffer.from('Jürgen').toString('latin1'));
    record(info);
    timers.advance(1000);
    const [first] = await collector.received(1);
    t.same(first, {
      timeNanos: BigInt(info.startedWall) * 1_000_000n,
      body: 'GET 200 Jürgen',
      attributes: { host: 'reviews:9080', fixed: 'ü' },
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      resource: {
        log_name: 'shop-log',
        zone_name: 'eu-1',
        cluster_name: 'web.shop',
        node_name: 'web-v1.shop',
      },
    });
    t.equal(collector.requestHeaders[0]?.['x-key'], 'k');
    t.equal(stat('.logs_dropped'), 0);
  });
}

t.test('the default body is the line of the file', async (t) => {
  const collector = await LogCollector.start(t);
  const { configure, record, logs, stat } = start(t);
  await configure(settingsOf({ protocol: 'otlp-http', url: collector.httpUrl }));
  record(testStreamInfo());
  await logs.close();
  const [first] = await collector.received(1);
  t.match(first?.body, /^\[2026-11-21T10:34:05.007Z\] "GET .* canary\n$/);
  t.equal(first?.traceId, '');
  t.equal(stat('.logs_written'), 1, 'a clean stop sends what waits');
});

t.test('logs of one collector have their own names and filters', async (t) => {
  const collector = await LogCollector.start(t);
  const { configure, record, timers } = start(t);
  const to = { protocol: 'otlp-http', url: collector.httpUrl } as const;
  await configure(
    settingsOf(to, { logName: 'all', body: '%RESPONSE_CODE%' }),
    settingsOf(to, { logName: 'failed', body: 'bad', filter: 'response.code >= 500' }),
  );
  const info = testStreamInfo();
  record(info);
  info.status = 503;
  record(info);
  timers.advance(1000);
  const records = await collector.received(3);
  const seen = records.map(({ body, resource }) => `${resource['log_name']} ${body}`);
  t.same(seen.sort(), ['all 200', 'all 503', 'failed bad']);
  t.equal(collector.requestHeaders.length, 1, 'together');
});

t.test('a collector that refuses records costs a counter and one message', async (t) => {
  const collector = await LogCollector.start(t);
  collector.statuses.push(400);
  const { configure, record, logs, stat, messages } = start(t);
  await configure(settingsOf({ protocol: 'otlp-http', url: collector.httpUrl }));
  for (let i = 0; i < 10; i++) record(testStreamInfo());
  await logs.close();
  t.equal(stat('.logs_dropped'), 10);
  t.equal(stat('.logs_written'), 0);
  t.equal(messages.length, 1);
  t.match(messages[0], /access log records cannot be sent, and are dropped/);
});

t.test('a collector that is away bounds what waits', async (t) => {
  const { configure, record, stat } = start(t);
  await configure(settingsOf({ protocol: 'otlp-http', url: 'http://127.0.0.1:1/v1/logs' }));
  for (let i = 0; i < 5000; i++) record(testStreamInfo());
  t.equal(stat('.logs_dropped'), 5000 - 4 * 512 - 2048);
});

t.test('a format that is wrong is said', async (t) => {
  const { configure } = start(t);
  const to = { protocol: 'otlp-http', url: 'http://127.0.0.1:1' } as const;
  for (const changes of [{ body: '%NOTHING%' }, { attributes: { a: '%NOTHING%' } }]) {
    t.match(await configure(settingsOf(to, changes)), {
      ok: false,
      error: 'access log format: %NOTHING% is no operator',
    });
  }
});

/** Collectors that change with the configuration, that are away, or that nobody has asked for. */

import t, { type Test } from 'tap';
import type { Collector } from '../../src/model/collector.ts';
import type { TracingSettings } from '../../src/model/tracing-settings.ts';
import { TracingSet } from '../../src/runtime/tracing-set.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { eventually } from '../support/deadline.ts';
import { headerValue } from '../support/http-reader.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import {
  clusterOf,
  httpChain,
  httpSettings,
  listenerModel,
  meshOf,
  telemetryOf,
  tracingSettings,
} from '../support/mesh-models.ts';
import { proxiedOrigin, refusingPort } from '../support/proxied-origin.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { getRequest } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { TraceCollector } from '../support/trace-collector.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';

const { proxy: identity } = meshOf({});
/** Until an exchange is encoded, and its spans leave. */
const spansLeaveMs = 1_000 + 5_000;

function settingsTo(url: string, changes: Partial<TracingSettings> = {}): TracingSettings {
  const to: Collector = { protocol: 'otlp-http', url, headers: {}, timeoutMs: 500 };
  return tracingSettings({ collector: to, ...changes });
}

/** Exchanges through a proxy, told to a set that the test configures. */
async function start(t: Test) {
  const timers = new ManualTimers(new ManualClock());
  const log: string[] = [];
  const root = new LogRoot({ clock: new ManualClock(), write: (line) => log.push(line) });
  const tracing = new TracingSet(timers, root.logger('tracing'));
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    http: httpSettings({ tracing: true }),
    telemetry: telemetryOf({ tracing: tracingSettings() }),
  });
  const { onStreamEnd } = proxy.context;
  proxy.context.onStreamEnd = (info) => {
    tracing.record(info);
    onStreamEnd(info);
  };
  const follow = (settings: TracingSettings | null) =>
    tracing.configure(identity, telemetryOf({ tracing: settings }));
  const exchange = async (): Promise<number> => (await proxy.send(getRequest('/', 'a'))).status;
  const counters = () =>
    Object.fromEntries([...tracing.samples()].map(({ name, value }) => [name, value]));
  return { tracing, timers, log, follow, exchange, counters };
}

t.test('spans go where the configuration of their end says', async (t) => {
  const first = await TraceCollector.start(t);
  const second = await TraceCollector.start(t);
  const { tracing, timers, follow, exchange, counters } = await start(t);
  await follow(settingsTo(first.otlpUrl));
  await exchange();
  // What waits for the first one still gets there.
  t.match(await follow(settingsTo(second.otlpUrl)), { ok: true });
  await first.received(2);
  await exchange();
  // Nothing has changed for the collector, and nothing is lost.
  await follow(settingsTo(second.otlpUrl, { randomSamplingPercent: 5, istioTags: false }));
  await exchange();
  timers.advance(spansLeaveMs);
  await second.received(4);
  t.equal(first.spans.length, 2);
  const tags = second.spans.map(({ attributes }) => attributes['istio.namespace']);
  t.same(tags, ['default', undefined, undefined, undefined]);
  await follow(null);
  await exchange();
  await tracing.close();
  t.match(counters(), {
    'tracing.opentelemetry.spans_sent': 6,
    sluice_tracing_spans_dropped_total: 0,
  });
});

t.test('exchanges that wait are encoded as the configuration of their end says', async (t) => {
  const collector = await TraceCollector.start(t);
  const { tracing, timers, follow, exchange, counters } = await start(t);
  await follow(settingsTo(collector.otlpUrl));
  await exchange();
  t.equal(timers.size, 1, 'that of the exchange');
  await follow(settingsTo(collector.otlpUrl, { istioTags: false }));
  t.equal(timers.size, 1, 'that of its spans');
  timers.advance(5_000);
  const [span] = await collector.received(2);
  t.equal(span?.attributes['istio.namespace'], 'default');
  // A stop waits for no timer.
  await exchange();
  await tracing.close();
  t.equal(collector.spans.length, 4);
  await exchange();
  t.match(counters(), {
    'tracing.opentelemetry.spans_sent': 4,
    sluice_tracing_spans_dropped_total: 2,
  });
  t.equal(timers.size, 0, 'nothing is kept behind it');
});

t.test('an exchange does not wait while more than 512 others end', async (t) => {
  const collector = await TraceCollector.start(t);
  const { tracing, timers, follow, exchange } = await start(t);
  await follow(settingsTo(collector.otlpUrl));
  await exchange();
  t.equal(timers.size, 1, 'that of the exchange');
  const other = testStreamInfo();
  for (let i = 0; i < 512; i++) tracing.record(other);
  t.equal(timers.size, 1, 'that of its spans');
  timers.advance(5_000);
  t.equal((await collector.received(2)).length, 2);
});

t.test('headers of the environment that cannot be sent are refused, and not shown', async (t) => {
  const { follow } = await start(t);
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'Authorization: Basic c2VjcmV0==';
  t.teardown(() => delete process.env['OTEL_EXPORTER_OTLP_HEADERS']);
  const configured = await follow(settingsTo('http://127.0.0.1:4318/v1/traces'));
  t.match(configured, { ok: false, error: /^tracing: OTEL_EXPORTER_OTLP_HEADERS has a name/ });
  t.notMatch(JSON.stringify(configured), 'c2VjcmV0');
});

t.test('a collector that is away costs counters and one line', async (t) => {
  const { timers, log, follow, exchange, counters } = await start(t);
  await follow(settingsTo(`http://127.0.0.1:${await refusingPort()}/v1/traces`));
  for (let i = 1; i <= 2; i++) {
    t.equal(await exchange(), 200);
    timers.advance(spansLeaveMs);
    const isDropped = () => counters()['sluice_tracing_spans_dropped_total'] === 2 * i;
    await eventually('spans to be dropped', { within: 10_000 }, isDropped);
  }
  t.match(counters(), {
    'tracing.opentelemetry.spans_sent': 0,
    'tracing.opentelemetry.spans_dropped': 4,
  });
  t.equal(log.length, 1);
  t.match(log[0], /warning \[tracing\] spans cannot be sent/);
});

t.test('a collector that refuses is one, too', async (t) => {
  const collector = await TraceCollector.start(t);
  const { timers, log, follow, exchange, counters } = await start(t);
  await follow(settingsTo(collector.otlpUrl));
  collector.statuses.push(400);
  await exchange();
  timers.advance(spansLeaveMs);
  const isDropped = () => counters()['sluice_tracing_spans_dropped_total'] === 2;
  await eventually('spans to be dropped', { within: 10_000 }, isDropped);
  await exchange();
  timers.advance(spansLeaveMs);
  await collector.received(2);
  await eventually('the end of the failures', { within: 10_000 }, () => log.length === 2);
  t.match(log[1], 'spans are sent again');
});

t.test('a Zipkin that takes spans and does not answer is given up, and tried again', async (t) => {
  const collector = await TraceCollector.start(t);
  const { timers, log, follow, exchange, counters } = await start(t);
  const { zipkinUrl: url } = collector;
  const to: Collector = { protocol: 'zipkin', url, headers: {}, timeoutMs: 100 };
  await follow(tracingSettings({ collector: to }));
  collector.silent = true;
  for (let batch = 1; batch <= 5; batch++) {
    await exchange();
    timers.advance(spansLeaveMs);
    const isDropped = () => counters()['tracing.zipkin.reports_dropped'] === batch;
    await eventually('the batch to be dropped', { within: 10_000 }, isDropped);
  }
  t.match(log, [/spans cannot be sent.*error="the collector does not answer"/]);
  collector.silent = false;
  collector.statuses.push(500);
  await exchange();
  timers.advance(spansLeaveMs);
  const isRefused = () => counters()['tracing.zipkin.reports_dropped'] === 6;
  await eventually('the batch to be refused', { within: 10_000 }, isRefused);
  await exchange();
  timers.advance(spansLeaveMs);
  await eventually('spans', { within: 10_000 }, () => collector.zipkinSpans.length === 2);
  const [span] = collector.zipkinSpans;
  t.match(span, { kind: 'SERVER', localEndpoint: { serviceName: /./ }, annotations: [] });
  t.ok(Number.isInteger(span?.timestamp));
  await eventually('the end of the failures', { within: 10_000 }, () => log.length === 2);
});

t.test('without a collector there are no counters and nothing is recorded', async (t) => {
  const { tracing, follow, exchange, counters } = await start(t);
  await follow(tracingSettings({ collector: null }));
  t.equal(await exchange(), 200);
  t.same(counters(), {});
  await tracing.close();
});

t.test('the environment says who this process is', async (t) => {
  const collector = await TraceCollector.start(t);
  const { timers, follow, exchange } = await start(t);
  process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'deployment.environment=test,service.name=mine';
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-tenant=shop';
  t.teardown(() => {
    delete process.env['OTEL_RESOURCE_ATTRIBUTES'];
    delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
  });
  await follow(settingsTo(collector.otlpUrl, { resource: { 'service.name': 'configured' } }));
  await exchange();
  timers.advance(spansLeaveMs);
  const [span] = await collector.received(2);
  t.equal(collector.requestHeaders[0]?.['x-tenant'], 'shop');
  t.match(collector.requestHeaders[0]?.['user-agent'], /^sluice\//);
  t.match(span?.resource, { 'deployment.environment': 'test', 'service.name': 'mine' });
});

t.test('each side has its own settings', async (t) => {
  const origin = await scriptedOrigin(() => ok('hello'));
  t.teardown(() => origin.stop());
  const { client: on } = telemetryOf({ tracing: tracingSettings() });
  const { server: off } = telemetryOf();
  for (const [telemetry, isTraced] of [
    [{ client: off, server: on }, true],
    [{ client: on, server: off }, false],
  ] as const) {
    const filterChains = [httpChain({ http: httpSettings({ tracing: true }) })];
    const listeners = [listenerModel({ name: 'inbound', direction: 'inbound', filterChains })];
    const clusters = [clusterOf('origin', [origin.port])];
    const proxy = await ProxyHarness.start(t, meshOf({ listeners, clusters, telemetry }));
    origin.forget();
    await proxy.send(getRequest('/', 'a'));
    const { info } = await proxy.ending();
    t.equal(info.spans !== null, isTraced);
    const sent = headerValue(origin.requests[0]?.headers ?? [], 'traceparent');
    t.equal(sent !== null, isTraced, 'where it is off, headers are left alone');
  }
});

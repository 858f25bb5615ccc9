/** What outlives a request keeps its own words, and not the head that they were cut from. */

import { emptyResource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { systemTimers } from '../../src/base/timers.ts';
import { OriginalDestinations } from '../../src/cluster/discovery/original-destinations.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import { EncoderTable } from '../../src/http2/hpack-encoder-table.ts';
import { AccessLogStats } from '../../src/telemetry/access-log/access-log-stats.ts';
import { LogWriter } from '../../src/telemetry/access-log/log-writer.ts';
import {
  compileRecordFormat,
  OtlpAccessLog,
} from '../../src/telemetry/access-log/otlp-access-log.ts';
import { arrayBatches, ExportQueue } from '../../src/telemetry/export-queue.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { RequestMetrics } from '../../src/telemetry/metrics/request-metrics.ts';
import { TcpMetrics } from '../../src/telemetry/metrics/tcp-metrics.ts';
import type { StreamInfo } from '../../src/telemetry/stream-info.ts';
import { CustomTags } from '../../src/telemetry/tracing/custom-tags.ts';
import { OtlpSpanEncoder } from '../../src/telemetry/tracing/otlp-span-encoder.ts';
import { SpanRecords } from '../../src/telemetry/tracing/span-records.ts';
import { ExchangeSpans } from '../../src/telemetry/tracing/spans.ts';
import { recordExchange } from '../../src/telemetry/traffic/record-exchange.ts';
import { heldBytes } from '../support/held-bytes.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { meshOf, tracingSettings } from '../support/mesh-models.ts';
import { testStreamInfo } from './stream-info-fixture.ts';

const { proxy } = meshOf({});
const [listener, cluster] = [testStreamInfo().listener, testStreamInfo().cluster];

/** Each head has 50,000 bytes. */
const most = 20_000;

/** Everything that a client says is cut from its head. */
function exchangeOf(head: string): StreamInfo {
  const info = testStreamInfo(listener);
  info.cluster = cluster;
  info.endpoint = cluster?.endpoints[0] ?? null;
  const word = (index: number): string => head.slice(index, index + 40);
  info.method = word(1);
  info.path = word(0);
  info.originalPath = word(0);
  info.authority = word(0);
  info.requestId = word(2);
  info.trace = head.slice(100, 132);
  info.downstreamRemoteAddress = `${word(3)}:0`;
  info.requestHeaders = new HeaderList();
  info.requestHeaders.append('user-agent', word(0));
  const trace = {
    ...{ traceId: info.trace, spanId: '1', parentSpanId: head.slice(200, 216) },
    ...{ sampling: 'accept' as const, randomTraceId: false, traceState: null, isNew: true },
    ...{ w3c: true, b3Single: false, b3Multi: false },
  };
  info.spans = new ExchangeSpans(trace, new ManualClock(), new SeededRandom(1));
  return info;
}

t.test('lines that wait for a sink which does not settle', (t) => {
  const sink = { append: () => new Promise<void>(() => {}), reopen: noWait, close: noWait };
  const stats = new AccessLogStats();
  const options = { batchLength: 400, linesAtOnce: 1 };
  const writer = new LogWriter(sink, { timers: systemTimers, stats, options });
  const format = { format: (info: StreamInfo) => `${info.path}\n` };
  const held = heldBytes((head) => writer.write(format, exchangeOf(head)));
  t.ok(held < most, `${held} bytes`);
  t.equal(stats.linesTaken, 101);
  t.equal(stats.buffered, 101 * 41, 'none is forgotten');
  t.end();
});

t.test('series with a label that a client chooses', (t) => {
  const override = { disabled: false, tags: { agent: 'request.useragent' } };
  const client = { istio_requests_total: override, istio_tcp_connections_opened_total: override };
  const registry = new MetricsRegistry();
  const requests = new RequestMetrics(registry, proxy, { client, server: {} });
  const connections = new TcpMetrics(registry, proxy, { client, server: {} });
  const held = heldBytes((head) => {
    const info = exchangeOf(head);
    requests.record(info);
    connections.countersOf(info);
  });
  t.ok(held < most, `${held} bytes`);
  t.end();
});

t.test('the exemplar of a bucket', (t) => {
  const held = heldBytes((head) => {
    const metrics = new RequestMetrics(new MetricsRegistry(), proxy);
    metrics.record(exchangeOf(head));
    return metrics;
  });
  t.ok(held < most + 20_000, `${held} bytes`);
  t.end();
});

t.test('spans', (t) => {
  const header = {
    kind: 'header',
    name: 'agent',
    header: 'user-agent',
    defaultValue: null,
  } as const;
  const settings = tracingSettings({ customTags: [header] });
  const records = new SpanRecords({
    encoder: new OtlpSpanEncoder(),
    tags: new CustomTags(settings, proxy),
    maxPathTagLength: 256,
  });
  const held = heldBytes((head) => {
    const info = exchangeOf(head);
    return info.spans === null ? null : records.server(info, info.spans);
  });
  t.ok(held < most, `${held} bytes`);
  t.end();
});

t.test('records of an access log for a collector', (t) => {
  const format = compileRecordFormat({
    body: '%REQ(:PATH)%',
    attributes: { agent: '%REQ(USER-AGENT)%' },
  });
  if (!format.ok) throw new Error(format.error.message);
  const clock = new ManualClock();
  const exporter = { export: () => {}, shutdown: noWait };
  const queue = new ExportQueue<ReadableLogRecord>(exporter, {
    collector: { protocol: 'otlp-http', url: 'http://c', headers: {}, timeoutMs: 1_000 },
    timers: new ManualTimers(clock),
    counts: new AccessLogStats().exports,
    batches: arrayBatches(),
    sizeOf: () => 1,
    logger: new LogRoot({ clock, write: () => {} }).logger('access-log'),
    items: 'records',
    flushIntervalMs: 1_000,
  });
  const log = new OtlpAccessLog({
    ...{ filter: null, format: format.value },
    ...{ resource: emptyResource(), queue },
    onDefect: (error) => t.fail(error),
  });
  const held = heldBytes((head) => log.write(exchangeOf(head)));
  t.ok(held < most, `${held} bytes`);
  t.end();
});

t.test('the requests that people look at', (t) => {
  const self = { workload: '', namespace: '', app: '', version: '', service: '' };
  const held = heldBytes((head) => recordExchange(exchangeOf(head), 1, self));
  t.ok(held < most, `${held} bytes`);
  t.end();
});

t.test('fields of HTTP/2, and destinations that a client names', (t) => {
  const fields = heldBytes((head) => {
    const table = new EncoderTable();
    table.insert('x-name', head.slice(0, 40));
    return table;
  });
  t.ok(fields < most, `${fields} bytes`);
  const destinations = new OriginalDestinations('passthrough');
  const held = heldBytes((head) => {
    destinations.choose({ address: head.slice(0, 40), port: 80 }, 1_000);
  });
  t.ok(held < most, `${held} bytes`);
  t.equal(destinations.endpoints.length, 101);
  t.end();
});

async function noWait(): Promise<void> {}

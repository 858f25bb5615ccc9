import t, { type Test } from 'tap';
import { SpanBatch } from '../../../src/telemetry/tracing/span-batch.ts';
import type { SpanHead } from '../../../src/telemetry/tracing/span-encoder.ts';
import { ZipkinExporter } from '../../../src/telemetry/tracing/zipkin-exporter.ts';
import { ZipkinSpanEncoder } from '../../../src/telemetry/tracing/zipkin-span-encoder.ts';
import { refusingPort } from '../../support/proxied-origin.ts';
import { TraceCollector } from '../../support/trace-collector.ts';

const head: SpanHead = {
  ...{ name: 'egress', kind: 'client', traceId: '1'.repeat(32), spanId: '2'.repeat(16) },
  ...{ parentSpanId: null, traceState: null, randomTraceId: true },
  ...{ start: 1_000_000_001, end: 1_000_012_347 },
};

function anySpan(): Buffer {
  const encoder = new ZipkinSpanEncoder({});
  encoder.begin(head);
  return encoder.end();
}

async function exporterTo(url: string, timeoutMs = 10_000) {
  const headers = { 'x-token': 'secret' };
  const exporter = await ZipkinExporter.load({ protocol: 'zipkin', url, headers, timeoutMs });
  return (...spans: Buffer[]) => {
    const batch = new SpanBatch();
    for (const span of spans) batch.push(span);
    return new Promise<{ code: number; error?: Error }>((resolve) => {
      exporter.export(batch, resolve);
    });
  };
}

async function start(t: Test, timeoutMs?: number) {
  const collector = await TraceCollector.start(t);
  return { collector, send: await exporterTo(collector.zipkinUrl, timeoutMs) };
}

t.test('a span as Zipkin has it', async (t) => {
  const { collector, send } = await start(t);
  const encoder = new ZipkinSpanEncoder({ 'service.name': 'web.shop' });
  encoder.begin({ ...head, parentSpanId: '3'.repeat(16) });
  encoder.number('http.response.status_code', 503);
  encoder.text('component', 'proxy');
  encoder.wireText('url.path', '/caf\xc3\xa9');
  encoder.wireText('url.query', '');
  encoder.event({ name: 'retry', at: 0, attributes: {} }, 1_000_000_002);
  encoder.fail('too late');
  const span = encoder.end();
  encoder.begin({ ...head, kind: 'server', start: 5, end: 5 });
  t.same(await send(span, encoder.end()), { code: 0 });
  t.equal(collector.requestHeaders[0]?.['x-token'], 'secret');
  t.equal(collector.requestHeaders[0]?.['content-type'], 'application/json');
  t.same(collector.zipkinSpans, [
    {
      traceId: '1'.repeat(32),
      parentId: '3'.repeat(16),
      name: 'egress',
      id: '2'.repeat(16),
      kind: 'CLIENT',
      timestamp: 1_000_000_001,
      duration: 12_346,
      localEndpoint: { serviceName: 'web.shop' },
      tags: {
        'http.response.status_code': '503',
        component: 'proxy',
        'url.path': '/caf\u00e9',
        'otel.status_code': 'ERROR',
        error: 'too late',
        'service.name': 'web.shop',
      },
      annotations: [{ timestamp: 1_000_000_002, value: 'retry' }],
    },
    {
      traceId: '1'.repeat(32),
      name: 'egress',
      id: '2'.repeat(16),
      kind: 'SERVER',
      timestamp: 5,
      duration: 0,
      localEndpoint: { serviceName: 'web.shop' },
      tags: { 'service.name': 'web.shop' },
      annotations: [],
    },
  ]);
});

t.test('a collector that takes the spans and does not answer is given up', async (t) => {
  const { collector, send } = await start(t, 100);
  collector.silent = true;
  t.match(await send(anySpan()), { code: 1, error: { message: 'the collector does not answer' } });
  collector.silent = false;
  t.same(await send(anySpan()), { code: 0 });
});

t.test('one that refuses, and one that is not there', async (t) => {
  const { collector, send } = await start(t);
  collector.statuses.push(301);
  t.match(await send(anySpan()), { code: 1, error: { message: 'Zipkin answers 301' } });
  collector.statuses.push(413);
  t.match(await send(anySpan()), { code: 1, error: { message: 'Zipkin answers 413' } });
  const nowhere = await exporterTo(`http://127.0.0.1:${await refusingPort()}/`);
  t.match(await nowhere(anySpan()), { code: 1, error: { code: 'ECONNREFUSED' } });
});

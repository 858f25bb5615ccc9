import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import t, { type Test } from 'tap';
import { ZipkinExporter } from '../../../src/telemetry/tracing/zipkin-exporter.ts';
import { refusingPort } from '../../support/proxied-origin.ts';
import { TraceCollector } from '../../support/trace-collector.ts';

function spanOf(changes: Partial<ReadableSpan> = {}): ReadableSpan {
  const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
  return {
    ...{ name: 'egress', kind: 2, spanContext: () => context, links: [], ended: true },
    ...{ startTime: [1_000, 1_499], endTime: [1_001, 0], duration: [0, 12_345_678] },
    ...{ status: { code: 0 }, attributes: {}, events: [], resource: emptyResource() },
    instrumentationScope: { name: 'sluice' },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
    ...changes,
  };
}

async function exporterTo(url: string, timeoutMs = 10_000) {
  const headers = { 'x-token': 'secret' };
  const exporter = await ZipkinExporter.load({ protocol: 'zipkin', url, headers, timeoutMs });
  return (span: ReadableSpan) =>
    new Promise<{ code: number; error?: Error }>((resolve) => exporter.export([span], resolve));
}

async function start(t: Test, timeoutMs?: number) {
  const collector = await TraceCollector.start(t);
  return { collector, send: await exporterTo(collector.zipkinUrl, timeoutMs) };
}

t.test('a span as Zipkin has it', async (t) => {
  const { collector, send } = await start(t);
  const span = spanOf({
    parentSpanContext: { traceId: '1'.repeat(32), spanId: '3'.repeat(16), traceFlags: 1 },
    attributes: { 'http.response.status_code': 503, component: 'proxy' },
    resource: resourceFromAttributes({ 'service.name': 'web.shop' }),
    status: { code: 2, message: 'too late' },
    events: [{ name: 'retry', time: [1_000, 2_000] }],
  });
  t.same(await send(span), { code: 0 });
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
        'otel.status_code': 'ERROR',
        error: 'too late',
        'service.name': 'web.shop',
      },
      annotations: [{ timestamp: 1_000_000_002, value: 'retry' }],
    },
  ]);
});

t.test('a collector that takes the spans and does not answer is given up', async (t) => {
  const { collector, send } = await start(t, 100);
  collector.silent = true;
  t.match(await send(spanOf()), { code: 1, error: { message: 'the collector does not answer' } });
  collector.silent = false;
  t.same(await send(spanOf()), { code: 0 });
});

t.test('one that refuses, and one that is not there', async (t) => {
  const { collector, send } = await start(t);
  collector.statuses.push(413);
  t.match(await send(spanOf()), { code: 1, error: { message: 'Zipkin answers 413' } });
  const nowhere = await exporterTo(`http://127.0.0.1:${await refusingPort()}/`);
  t.match(await nowhere(spanOf()), { code: 1, error: { code: 'ECONNREFUSED' } });
});

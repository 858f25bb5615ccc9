/** What is encoded, read by the protocol's own messages. */

import t from 'tap';
import { OtlpSpanEncoder } from '../../../src/telemetry/tracing/otlp-span-encoder.ts';
import { OtlpTraceRequests } from '../../../src/telemetry/tracing/otlp-trace-request.ts';
import { SpanBatch } from '../../../src/telemetry/tracing/span-batch.ts';
import type { SpanHead } from '../../../src/telemetry/tracing/span-encoder.ts';
import { decodeSpan, decodeTraces } from '../../support/otlp-messages.ts';
import { collectedSpan } from '../../support/trace-collector.ts';

const head: SpanHead = {
  ...{ name: 'reviews:9080/*', kind: 'server', traceId: '0123456789abcdef'.repeat(2) },
  ...{ spanId: 'fedcba9876543210', parentSpanId: null, traceState: null, randomTraceId: true },
  ...{ start: 1_700_000_000_123_456, end: 1_700_000_001_000_000 },
};

function encode(write: (encoder: OtlpSpanEncoder) => void, changes: Partial<SpanHead> = {}) {
  const encoder = new OtlpSpanEncoder();
  encoder.begin({ ...head, ...changes });
  write(encoder);
  return collectedSpan(decodeSpan(encoder.end()));
}

function nothing(): void {}

t.test('a span with nothing to say', async (t) => {
  t.same(encode(nothing), {
    ...{ traceId: head.traceId, spanId: head.spanId, parentSpanId: '', name: head.name },
    ...{ kind: 'server', startNanos: 1_700_000_000_123_456_000n },
    ...{ endNanos: 1_700_000_001_000_000_000n, attributes: {}, events: [] },
    ...{ status: { code: 0, message: '' }, traceState: '' },
  });
});

t.test('a span with everything', async (t) => {
  const span = encode(
    (encoder) => {
      encoder.text('component', 'proxy');
      encoder.wireText('url.path', '/');
      encoder.wireText('url.query', '');
      encoder.number('request_size', 300);
      encoder.event({ name: 'timeout', at: 0, attributes: {} }, 5);
      const attributes = { 'retry.attempt': 1, 'retry.back_off_ms': 12.5, 'error.type': 'reset' };
      encoder.event({ name: 'retry', at: 0, attributes }, 1_700_000_000_200_000);
      encoder.fail('too late');
    },
    { kind: 'client', parentSpanId: '1'.repeat(16), traceState: 'a=1,b=2', randomTraceId: false },
  );
  t.match(span, { kind: 'client', parentSpanId: '1'.repeat(16), traceState: 'a=1,b=2' });
  t.same(span.attributes, { component: 'proxy', 'url.path': '/', request_size: 300 });
  t.same(span.events, [
    { name: 'timeout', attributes: {} },
    {
      name: 'retry',
      attributes: { 'retry.attempt': 1, 'retry.back_off_ms': 12.5, 'error.type': 'reset' },
    },
  ]);
  t.same(span.status, { code: 2, message: 'too late' });
});

const texts: readonly string[] = [
  ...['a', 'x'.repeat(127), 'x'.repeat(128), 'y'.repeat(16_384), 'z'.repeat(300_000)],
  ...['caf\u00e9', '\u20ac', '\u{1f600}', `${'x'.repeat(5000)}\u20ac`],
];

t.test('texts of every length, in Unicode and as they came', async (t) => {
  for (const text of texts) {
    const wire = Buffer.from(text).toString('latin1');
    const { attributes } = encode((encoder) => {
      encoder.text('text', text);
      encoder.wireText('wire', wire);
      encoder.text('after', '');
    });
    t.same(attributes, { text, wire: text, after: '' }, `${text.length} of ${text[0]}`);
  }
  const { attributes } = encode((encoder) => encoder.wireText('broken', 'a\xffb'));
  t.same(attributes, { broken: 'a\ufffdb' });
});

t.test('numbers', async (t) => {
  const { MAX_SAFE_INTEGER: most } = Number;
  for (const value of [0, 1, 127, 128, 2 ** 31, 2 ** 32 + 5, most, 0.5, -1, 1e300]) {
    t.same(encode((encoder) => encoder.number('n', value)).attributes, { n: value });
  }
});

t.test('names of every length', async (t) => {
  for (const length of [1, 70, 112, 113, 125, 126, 127, 128, 1000]) {
    const [text, number, half] = ['a', 'b', 'c'].map((letter) => letter.repeat(length));
    const { attributes } = encode((encoder) => {
      encoder.text(text as string, 'proxy');
      encoder.number(number as string, 503);
      encoder.number(half as string, 0.5);
    });
    t.same(Object.values(attributes), ['proxy', 503, 0.5], `${length}`);
    t.same(Object.keys(attributes), [text, number, half]);
  }
});

t.test('times to the microsecond', async (t) => {
  for (const micros of [0, 1, 4_294_967, 4_294_968, 1_700_000_000_999_999, 2 ** 53 - 1]) {
    t.equal(encode(nothing, { start: micros }).startNanos, BigInt(micros) * 1000n);
  }
});

t.test('a request has the resource and the scope once, and every span', async (t) => {
  const requests = new OtlpTraceRequests({
    resource: { 'service.name': 'web.shop', 'cloud.region': '\u00e9' },
    scope: { name: 'sluice', version: '1.2.3' },
  });
  for (const count of [0, 1, 2, 512]) {
    const encoder = new OtlpSpanEncoder();
    const spans = new SpanBatch();
    for (let index = 0; index < count; index++) {
      encoder.begin({ ...head, name: 'x'.repeat(index * 40) });
      spans.push(encoder.end());
    }
    const [of, ...others] = decodeTraces(requests.join(spans)).resourceSpans;
    t.same(others, []);
    t.same(
      of?.resource.attributes.map(({ key, value }) => [key, value.stringValue]),
      [
        ['service.name', 'web.shop'],
        ['cloud.region', '\u00e9'],
      ],
    );
    t.equal(of?.scopeSpans.length, 1);
    t.match(of?.scopeSpans[0]?.scope, { name: 'sluice', version: '1.2.3' });
    const lengths = of?.scopeSpans[0]?.spans.map(({ name }) => name.length);
    t.same(
      lengths,
      Array.from({ length: count }, (_, index) => index * 40),
    );
  }
});

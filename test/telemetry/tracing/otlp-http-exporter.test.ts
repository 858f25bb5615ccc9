/** OTLP over HTTP against a collector that answers as the test says. */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { http } from '../../../src/base/node-http.ts';
import type { Timer } from '../../../src/base/timers.ts';
import { OtlpHttpExporter } from '../../../src/telemetry/tracing/otlp-http-exporter.ts';
import { OtlpSpanEncoder } from '../../../src/telemetry/tracing/otlp-span-encoder.ts';
import { OtlpTraceRequests } from '../../../src/telemetry/tracing/otlp-trace-request.ts';
import { SpanBatch } from '../../../src/telemetry/tracing/span-batch.ts';
import { eventually } from '../../support/deadline.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { decodeTraces } from '../../support/otlp-messages.ts';
import { refusingPort } from '../../support/proxied-origin.ts';

interface Answered {
  readonly status: number;
  readonly retryAfter?: string;
}

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers in their order, then 200; `null` is none. */
async function collectorWith(t: Test, answers: (Answered | null)[]) {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      sent.push({ headers: request.headers, body: Buffer.concat(chunks) });
      const answer = answers.length === 0 ? { status: 200 } : answers.shift();
      if (answer == null) return;
      const { status, retryAfter } = answer as Answered;
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
      response.end('said');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { sent, port: (server.address() as AddressInfo).port };
}

/** Remembers what it was asked for. */
class ToldTimers extends ManualTimers {
  readonly delays: number[] = [];

  override set(ms: number, callback: () => void): Timer {
    this.delays.push(ms);
    return super.set(ms, callback);
  }
}

function twoSpans(): SpanBatch {
  const batch = new SpanBatch();
  const encoder = new OtlpSpanEncoder();
  encoder.begin({
    ...{ name: 'egress', kind: 'client', traceId: '1'.repeat(32), spanId: '2'.repeat(16) },
    ...{ parentSpanId: null, traceState: null, randomTraceId: true, start: 0, end: 1 },
  });
  const span = encoder.end();
  batch.push(span);
  batch.push(span);
  return batch;
}

function start(t: Test, port: number, isCompressed = false) {
  const clock = new ManualClock(5_000);
  const timers = new ToldTimers(clock);
  const scope = { name: 'sluice', version: '1' };
  const exporter = new OtlpHttpExporter({
    url: new URL(`http://127.0.0.1:${port}/v1/traces`),
    headers: { 'x-token': 'secret', 'Content-Type': 'application/x-protobuf' },
    ...{ timeoutMs: 10_000, isCompressed, clock, timers },
    agent: new http.Agent({ keepAlive: true }),
    request: http.request,
    requests: new OtlpTraceRequests({ resource: {}, scope }),
    // A pause is as long as it is on average.
    random: { uint32: () => 0, fraction: () => 0.5 },
  });
  t.teardown(() => exporter.shutdown());
  const answers: { code: number; error?: Error }[] = [];
  exporter.export(twoSpans(), (answer) => answers.push(answer));
  const answered = () => eventually('an answer', { within: 10_000 }, () => answers[0] ?? null);
  /** Lets the pause pass before the retry of that number. */
  const retry = async (number: number): Promise<number> => {
    // Each try has a limit of its own.
    const asked = 2 * number;
    await eventually('a pause', { within: 10_000 }, () => timers.delays.length === asked);
    const pauseMs = timers.delays[asked - 1] ?? 0;
    timers.advance(pauseMs);
    return pauseMs;
  };
  return { exporter, timers, answers, answered, retry };
}

t.test('a batch is one request', async (t) => {
  const { sent, port } = await collectorWith(t, []);
  const { answered, timers } = start(t, port);
  t.same(await answered(), { code: 0 });
  t.equal(sent.length, 1);
  t.match(sent[0]?.headers, { 'x-token': 'secret', 'content-type': 'application/x-protobuf' });
  t.equal(sent[0]?.headers['content-length'], String(sent[0]?.body.length));
  t.equal(decodeTraces(sent[0]?.body as Buffer).resourceSpans[0]?.scopeSpans[0]?.spans.length, 2);
  t.equal(timers.size, 0, 'nothing is left');
});

t.test('what is under way when it is shut down fails, and is not sent again', async (t) => {
  const { sent, port } = await collectorWith(t, [null]);
  const { exporter, answered, timers } = start(t, port);
  await eventually('the request', { within: 10_000 }, () => sent.length === 1);
  await exporter.shutdown();
  t.match(await answered(), { code: 1 });
  const waiting = await collectorWith(t, [{ status: 503 }]);
  const second = start(t, waiting.port);
  await eventually('a pause', { within: 10_000 }, () => second.timers.delays.length === 2);
  await second.exporter.shutdown();
  second.timers.advance(1_000);
  t.match(await second.answered(), { code: 1 });
  t.same([sent.length, waiting.sent.length], [1, 1]);
  t.same([timers.size, second.timers.size], [0, 0]);
});

t.test('compressed where that is asked for', async (t) => {
  const { sent, port } = await collectorWith(t, []);
  const { answered } = start(t, port, true);
  t.same(await answered(), { code: 0 });
  const request = decodeTraces(gunzipSync(sent[0]?.body as Buffer));
  t.equal(request.resourceSpans[0]?.scopeSpans[0]?.spans.length, 2);
});

t.test('a collector that is busy is asked again, later each time', async (t) => {
  const { sent, port } = await collectorWith(t, [{ status: 503 }, { status: 429 }]);
  const { answered, retry } = start(t, port);
  t.equal(await retry(1), 1000);
  t.equal(await retry(2), 1500);
  t.same(await answered(), { code: 0 });
  t.equal(sent.length, 3);
  t.same(sent[2]?.body, sent[0]?.body);
});

t.test('it is asked again when it wants to be, if that is in time', async (t) => {
  const soon = await collectorWith(t, [{ status: 503, retryAfter: '3' }]);
  const first = start(t, soon.port);
  t.equal(await first.retry(1), 3000);
  t.same(await first.answered(), { code: 0 });
  const late = await collectorWith(t, [{ status: 503, retryAfter: '60' }]);
  const { answered } = start(t, late.port);
  t.match(await answered(), { code: 1, error: { message: 'the collector answers 503' } });
  t.equal(late.sent.length, 1);
});

t.test('a collector that refuses is not asked again', async (t) => {
  for (const status of [301, 400, 401, 413, 500]) {
    const { sent, port } = await collectorWith(t, [{ status }]);
    const { answered } = start(t, port);
    t.match(await answered(), { code: 1, error: { message: `the collector answers ${status}` } });
    t.equal(sent.length, 1);
  }
});

t.test('all retries end within the time of the collector', async (t) => {
  const busy = Array.from({ length: 9 }, () => ({ status: 502 }));
  const { sent, port } = await collectorWith(t, busy);
  const { answered, retry } = start(t, port);
  const pauses: number[] = [];
  for (let number = 1; number <= 4; number++) pauses.push(await retry(number));
  t.same(pauses, [1000, 1500, 2250, 3375]);
  t.match(await answered(), { code: 1 }, 'another 5 seconds would be too long');
  t.equal(sent.length, 5);
});

t.test('a collector that is away may come back', async (t) => {
  const { answered, retry } = start(t, await refusingPort());
  for (let number = 1; number <= 4; number++) await retry(number);
  t.match(await answered(), { code: 1, error: { code: 'ECONNREFUSED' } });
});

t.test('a collector that takes the spans and does not answer is given up', async (t) => {
  const { sent, port } = await collectorWith(t, [null]);
  const { answered, timers } = start(t, port);
  await eventually('the request', { within: 10_000 }, () => sent.length === 1);
  timers.advance(10_000);
  t.match(await answered(), { code: 1, error: { message: 'the collector does not answer' } });
});

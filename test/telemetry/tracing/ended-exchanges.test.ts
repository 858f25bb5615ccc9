/** Exchanges between their end and the queue of their spans. */

import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { Exporter } from '../../../src/telemetry/export-queue.ts';
import { LogRoot } from '../../../src/telemetry/logger.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import { CustomTags } from '../../../src/telemetry/tracing/custom-tags.ts';
import { EndedExchanges } from '../../../src/telemetry/tracing/ended-exchanges.ts';
import { OtlpSpanEncoder } from '../../../src/telemetry/tracing/otlp-span-encoder.ts';
import { passTrace } from '../../../src/telemetry/tracing/pass-trace.ts';
import type { SpanBatch } from '../../../src/telemetry/tracing/span-batch.ts';
import { SpanQueue } from '../../../src/telemetry/tracing/span-queue.ts';
import { SpanRecords } from '../../../src/telemetry/tracing/span-records.ts';
import { type ClientSpan, ExchangeSpans } from '../../../src/telemetry/tracing/spans.ts';
import { TraceRules } from '../../../src/telemetry/tracing/trace-rules.ts';
import { TraceStats } from '../../../src/telemetry/tracing/trace-stats.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { meshOf, tracingSettings } from '../../support/mesh-models.ts';
import { decodeSpan } from '../../support/otlp-messages.ts';
import { collectedSpan } from '../../support/trace-collector.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

const settings = tracingSettings({ istioTags: false });

/** Writes down which spans it is given. */
class SeenQueue extends SpanQueue {
  readonly spanIds: string[] = [];

  override add(span: Uint8Array): void {
    this.spanIds.push(collectedSpan(decodeSpan(span)).spanId);
    super.add(span);
  }

  /** So many spans of others, for which there is room. */
  fill(count: number): void {
    for (let i = 0; i < count; i++) super.add(Buffer.alloc(0));
  }
}

interface Exchange {
  readonly info: StreamInfo;
  readonly spans: ExchangeSpans;
  /** Of the attempt, which has ended. */
  readonly attempt: ClientSpan;
  startMirror(): ClientSpan;
}

function newExchange(clock: ManualClock, random: SeededRandom): Exchange {
  const info = testStreamInfo();
  const headers = new HeaderList();
  const context = passTrace({ headers, info }, new TraceRules(settings), random);
  const { cluster, endpoint: model } = info;
  if (context === null || cluster === null || model === null) throw new Error('the fixture');
  const spans = new ExchangeSpans(context, clock, random);
  const endpoint = { model, key: '127.0.0.1:9080', ejected: false };
  const attempt = spans.startClient({ cluster, endpoint, attempt: 1 });
  attempt.end();
  const startMirror = () => spans.startClient({ cluster, endpoint, attempt: null });
  return { info, spans, attempt, startMirror };
}

/** Exchanges for one side, whose collector answers nothing. */
function start() {
  const clock = new ManualClock(1_012.5);
  const timers = new ManualTimers(clock);
  const log: string[] = [];
  const logger = new LogRoot({ clock, write: (line) => log.push(line) }).logger('tracing');
  const stats = new TraceStats('opentelemetry');
  const exporter: Exporter<SpanBatch> = {
    export: () => undefined,
    shutdown: async () => undefined,
  };
  const to = { protocol: 'otlp-http', url: 'http://c', headers: {}, timeoutMs: 60_000 } as const;
  const queue = new SeenQueue(exporter, { collector: to, timers, logger, stats });
  const encoder = new OtlpSpanEncoder();
  const tags = new CustomTags(settings, meshOf({}).proxy);
  const side = { queue, records: new SpanRecords({ encoder, tags, maxPathTagLength: 256 }) };
  const ended = new EndedExchanges(timers, logger);
  const random = new SeededRandom(1);
  const exchange = (): Exchange => newExchange(clock, random);
  const end = (made = exchange()): Exchange => {
    ended.add(side, made.info, made.spans);
    return made;
  };
  return { ended, queue, stats, timers, log, exchange, end };
}

function idsOf({ spans }: Exchange): string[] {
  return [spans.context.spanId, ...spans.clients.map(({ id }) => id)];
}

t.test('exchanges are encoded in their order, 32 at once', async (t) => {
  const { end, queue, timers } = start();
  const exchanges = Array.from({ length: 31 }, () => end());
  t.same(queue.spanIds, []);
  exchanges.push(end());
  t.same(queue.spanIds, exchanges.flatMap(idsOf));
  const next = end();
  t.equal(queue.spanIds.length, 64);
  timers.advance(1_000);
  t.same(queue.spanIds.slice(64), idsOf(next));
});

t.test('none waits while more than 512 others end', async (t) => {
  const { ended, end, queue } = start();
  const others = (count: number): void => {
    for (let i = 0; i < count; i++) ended.pass();
  };
  others(600);
  const exchanges = [end()];
  others(400);
  exchanges.push(end());
  others(111);
  t.same(queue.spanIds, []);
  others(1);
  t.same(queue.spanIds, exchanges.flatMap(idsOf));
  end();
  others(511);
  t.equal(queue.spanIds.length, 4, 'the next ones wait for as many');
  others(1);
  t.equal(queue.spanIds.length, 6);
});

t.test('the first one waits for a second, and one timer is set for all', async (t) => {
  const { end, queue, timers } = start();
  const first = end();
  timers.advance(950);
  const second = end();
  t.equal(timers.size, 1);
  timers.advance(49);
  t.same(queue.spanIds, []);
  timers.advance(1);
  t.same(queue.spanIds, [...idsOf(first), ...idsOf(second)]);
  const third = end();
  timers.advance(999);
  t.equal(queue.spanIds.length, 4, 'the next one waits for as long');
  timers.advance(1);
  t.same(queue.spanIds.slice(4), idsOf(third));
  t.equal(timers.size, 1, 'that of the queue');
});

t.test('the timer of exchanges that were 32 is not that of the next ones', async (t) => {
  const { end, queue, timers } = start();
  end();
  timers.advance(950);
  for (let i = 1; i < 32; i++) end();
  end();
  timers.advance(999);
  t.equal(queue.spanIds.length, 64);
  timers.advance(1);
  t.equal(queue.spanIds.length, 66);
});

t.test('a mirror is told once, whenever it ends', async (t) => {
  const { ended, exchange, end, queue } = start();
  const made = exchange();
  const [before, between, behind] = [made.startMirror(), made.startMirror(), made.startMirror()];
  made.startMirror();
  before.end();
  end(made);
  between.end();
  ended.encode();
  const { context } = made.spans;
  const inTime = [context.spanId, made.attempt.id, before.id, between.id];
  t.same(queue.spanIds, inTime);
  behind.end();
  behind.end();
  ended.encode();
  t.same(queue.spanIds, [...inTime, behind.id], 'and not at all while it goes on');
});

t.test('nothing is kept for a queue that is full', async (t) => {
  const { queue, end, stats, timers } = start();
  // Four batches are being sent, and 2048 spans wait.
  queue.fill(8 * 512);
  t.equal(queue.isFull, true);
  const before = timers.size;
  end();
  t.equal(timers.size, before, 'nothing waits');
  t.equal(stats.spansDropped, 2);
});

t.test('a queue that has filled up in the meantime counts what it has no room for', async (t) => {
  const { queue, ended, exchange, end, stats } = start();
  const made = exchange();
  const mirror = made.startMirror();
  end(made);
  queue.fill(8 * 512 - 1);
  t.equal(stats.spansDropped, 0);
  ended.encode();
  t.equal(stats.spansDropped, 1, 'the attempt');
  mirror.end();
  t.equal(stats.spansDropped, 2);
});

t.test('a span that cannot be encoded costs itself alone', async (t) => {
  const { ended, end, exchange, queue, stats, log } = start();
  const first = end();
  const broken = [exchange(), exchange()];
  for (const made of broken) {
    // It is read when half of the span has been written.
    Object.defineProperty(made.info, 'responseFlags', { get: fail });
    end(made);
  }
  const last = end();
  ended.encode();
  const attempts = broken.map(({ attempt }) => attempt.id);
  t.same(queue.spanIds, [...idsOf(first), ...attempts, ...idsOf(last)]);
  t.equal(stats.spansDropped, 2);
  t.equal(log.length, 1, 'it is told once');
  t.match(
    log[0],
    /error \[tracing\] internal error while encoding a span: a defect; please report/,
  );
});

t.test('a defect is told again when another configuration serves', async (t) => {
  const { ended, end, exchange, log } = start();
  for (const lines of [1, 2]) {
    const made = exchange();
    Object.defineProperty(made.info, 'responseFlags', { get: fail });
    end(made);
    ended.startAnew();
    t.equal(log.length, lines);
  }
});

function fail(): never {
  throw new Error('a defect');
}

import t from 'tap';
import type { Exporter } from '../../../src/telemetry/export-queue.ts';
import { LogRoot } from '../../../src/telemetry/logger.ts';
import type { SpanBatch } from '../../../src/telemetry/tracing/span-batch.ts';
import { SpanQueue } from '../../../src/telemetry/tracing/span-queue.ts';
import { TraceStats } from '../../../src/telemetry/tracing/trace-stats.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

type Answer = Parameters<Exporter<SpanBatch>['export']>[1];

/** A queue in front of an exporter whose answers the test gives. */
function start(timeoutMs = 10_000) {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const log: string[] = [];
  const root = new LogRoot({ clock, write: (line) => log.push(line) });
  const batches: number[] = [];
  const exported: string[] = [];
  const answers: Answer[] = [];
  let onExport = (): void => {};
  const failExports = (message: string): void => {
    onExport = () => {
      throw new Error(message);
    };
  };
  let shutDowns = 0;
  const exporter: Exporter<SpanBatch> = {
    export: (spans, answer) => {
      batches.push(spans.length);
      exported.push(...spans.texts());
      onExport();
      answers.push(answer);
    },
    shutdown: async () => void shutDowns++,
  };
  const stats = new TraceStats('zipkin');
  const collector = { protocol: 'zipkin', url: 'http://c:9411', headers: {}, timeoutMs } as const;
  const logger = root.logger('tracing');
  const queue = new SpanQueue(exporter, { collector, timers, logger, stats });
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) queue.add(Buffer.alloc(0));
  };
  const answerAll = (code: number, error?: Error): void => {
    for (const answer of answers.splice(0))
      answer(error === undefined ? { code } : { code, error });
  };
  const shutDown = (): number => shutDowns;
  return {
    queue,
    stats,
    timers,
    log,
    batches,
    exported,
    answers,
    add,
    answerAll,
    shutDown,
    failExports,
  };
}

t.test('spans leave together, five seconds after the first or when they are many', async (t) => {
  const { timers, batches, add, answerAll, stats } = start();
  add(3);
  timers.advance(4_999);
  t.same(batches, []);
  timers.advance(1);
  t.same(batches, [3]);
  answerAll(0);
  add(512);
  t.same(batches, [3, 512]);
  answerAll(0);
  t.match(stats, { spansSent: 515, spansDropped: 0, reportsSent: 2, timerFlushed: 1 });
});

t.test(
  'a collector that does not answer holds up four batches and the queue, no more',
  async (t) => {
    const { queue, batches, answers, add, stats, timers, answerAll } = start();
    add(4 * 512);
    t.same(batches, [512, 512, 512, 512]);
    add(2048);
    t.equal(queue.isFull, true);
    t.equal(stats.spansDropped, 0);
    add(10);
    t.equal(stats.spansDropped, 10);
    timers.advance(11_000);
    t.equal(stats.spansDropped, 10 + 4 * 512, 'they are not counted on any more');
    t.equal(batches.length, 8, 'and the next ones have a try');
    for (const answer of answers.splice(0, 4)) answer({ code: 0 });
    t.equal(stats.spansSent, 0, 'too late');
    t.equal(batches.length, 8);
    answerAll(0);
    t.equal(stats.spansSent, 4 * 512);
    t.equal(queue.isFull, false);
  },
);

t.test('batches wait for others, and each is sent with its own spans', async (t) => {
  const { queue, exported, answerAll } = start();
  const spans = Array.from({ length: 7 * 512 + 3 }, (_, index) => `span ${index}`);
  for (const span of spans) queue.add(Buffer.from(span));
  answerAll(0);
  answerAll(0);
  void queue.close();
  t.same(exported, spans);
});

t.test('a batch that is full leaves the time of the next one alone', async (t) => {
  const { timers, batches, add, answerAll, stats } = start();
  add(1);
  timers.advance(4_000);
  add(511);
  t.same(batches, [512]);
  answerAll(0);
  t.equal(timers.size, 0);
  add(1);
  timers.advance(4_999);
  t.same(batches, [512]);
  timers.advance(1);
  t.same(batches, [512, 1]);
  t.match(stats, { timerFlushed: 1 });
});

t.test('what was due while others were sent leaves as soon as it may', async (t) => {
  const { timers, batches, answers, add, stats } = start();
  add(4 * 512 + 3);
  timers.advance(5_000);
  t.equal(batches.length, 4);
  t.match(stats, { timerFlushed: 0 });
  answers[0]?.({ code: 0 });
  t.same(batches.slice(4), [3]);
  t.match(stats, { timerFlushed: 1 });
});

t.test('bytes are limited as spans are', async (t) => {
  const { queue, batches, stats } = start();
  const span = Buffer.alloc(256 * 1024);
  for (let i = 0; i < 8; i++) queue.add(span);
  t.same(batches, [8], '2 MiB leave together');
  for (let i = 0; i < 3 * 8 + 64; i++) queue.add(span);
  t.same(batches, [8, 8, 8, 8]);
  t.equal(queue.isFull, true, '16 MiB wait');
  queue.add(span);
  t.match(stats, { spansDropped: 1 });
});

t.test('an exporter that fails at once costs its batch', async (t) => {
  const { queue, add, stats, log, failExports, shutDown, answers } = start();
  add(512);
  failExports('no such header');
  add(512);
  t.match(stats, { spansDropped: 512, reportsDropped: 1 });
  t.match(log[0], 'no such header');
  answers.splice(1);
  add(10);
  const closed = queue.close();
  answers[0]?.({ code: 0 });
  await closed;
  t.match(stats, { spansSent: 512, spansDropped: 522 });
  t.equal(shutDown(), 1);
});

t.test('of a series of failures the first and the end are told', async (t) => {
  const { add, answerAll, stats, log } = start();
  for (let i = 0; i < 3; i++) {
    add(512);
    answerAll(1, new Error('connect ECONNREFUSED'));
  }
  t.equal(log.length, 1);
  t.match(log[0], /warning \[tracing\] spans cannot be sent.*collector=http:\/\/c:9411/);
  t.match(log[0], 'ECONNREFUSED');
  t.match(stats, { spansDropped: 3 * 512, reportsDropped: 3, spansSent: 0 });
  add(512);
  answerAll(0);
  t.match(log[1], 'spans are sent again');
  add(512);
  answerAll(1);
  t.match(log[2], 'the collector refuses them');
});

t.test('a clean stop sends what there is', async (t) => {
  const { queue, add, answerAll, stats, shutDown, batches } = start();
  add(600);
  answerAll(0);
  const closed = queue.close();
  t.same(batches, [512, 88]);
  t.equal(shutDown(), 0);
  answerAll(0);
  await closed;
  t.equal(shutDown(), 1);
  t.equal(stats.spansSent, 600);
  add(1);
  t.equal(stats.spansDropped, 1, 'what comes later is dropped');
  await queue.close();
  t.equal(shutDown(), 1);
});

t.test('a stop does not wait for a collector that is gone', async (t) => {
  const { queue, add, stats, timers, shutDown } = start();
  add(5 * 512);
  const closed = queue.close();
  timers.advance(2_000);
  await closed;
  t.equal(shutDown(), 1);
  t.match(stats, { spansDropped: 512, reportsDropped: 1 });
});

t.test('a stop with nothing to send is over at once', async (t) => {
  const { queue, shutDown } = start();
  await queue.close();
  t.equal(shutDown(), 1);
});

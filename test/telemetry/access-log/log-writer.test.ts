import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { keepAlive, systemTimers } from '../../../src/base/timers.ts';
import { AccessLogStats } from '../../../src/telemetry/access-log/access-log-stats.ts';
import { LogFile } from '../../../src/telemetry/access-log/log-file.ts';
import {
  type LogSink,
  LogWriter,
  type LogWriterOptions,
} from '../../../src/telemetry/access-log/log-writer.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

const tenBytes = '123456789\n';

/** A disk that writes when it is told to. */
class SlowSink implements LogSink {
  readonly batches: string[] = [];
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  closed = false;
  reopened = 0;

  append(bytes: Uint8Array): Promise<void> {
    this.batches.push(Buffer.from(bytes).toString('latin1'));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async succeed(): Promise<void> {
    this.#waiting.shift()?.resolve();
    await settle();
  }

  async fail(message: string): Promise<void> {
    this.#waiting.shift()?.reject(new Error(message));
    await settle();
  }

  async reopen(): Promise<void> {
    this.reopened++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As an access log uses its writer. */
function loggerOf(writer: LogWriter) {
  const info = testStreamInfo();
  return {
    write: (line = tenBytes) => {
      if (writer.admit()) writer.write({ format: () => line }, info);
    },
    flush: () => writer.flush(),
    reopen: () => writer.reopen(),
    close: () => writer.close(),
  };
}

function setUp(options: Partial<LogWriterOptions> = {}) {
  const timers = new ManualTimers(new ManualClock());
  const sink = new SlowSink();
  const stats = new AccessLogStats();
  const writer = new LogWriter(sink, { timers, stats, options: { linesAtOnce: 1, ...options } });
  const log = loggerOf(writer);
  const stat = (name: string): number =>
    [...stats.samples()].find((sample) => sample.name === name)?.value ?? Number.NaN;
  return { timers, sink, log, stat };
}

t.test('lines wait for the interval and leave together', async (t) => {
  const { timers, sink, log, stat } = setUp({ flushIntervalMs: 200 });
  log.write();
  timers.advance(150);
  log.write();
  t.same(sink.batches, []);
  timers.advance(50);
  t.same(sink.batches, ['123456789\n123456789\n']);
  t.equal(stat('filesystem.flushed_by_timer'), 1);
  await sink.succeed();
  t.equal(stat('filesystem.write_completed'), 1);
  t.equal(stat('filesystem.write_buffered'), 2);
  t.equal(timers.size, 0, 'an idle log has no timer');
});

t.test('a full batch leaves at once', (t) => {
  const { sink, log } = setUp({ batchLength: 30 });
  for (let i = 0; i < 3; i++) log.write();
  t.equal(sink.batches.length, 1);
  t.end();
});

t.test('lines are made some at a time, and all before they are written', async (t) => {
  const { timers, sink, log, stat } = setUp({ linesAtOnce: 3, batchLength: 50 });
  const made = (): number => stat('filesystem.write_total_buffered');
  for (let i = 0; i < 2; i++) log.write();
  t.equal(made(), 0);
  log.write();
  t.equal(made(), 30);
  for (let i = 0; i < 2; i++) log.write();
  timers.advance(200);
  t.same(sink.batches, [tenBytes.repeat(5)], 'the timer does not wait for the third');
  log.write();
  t.equal(timers.size, 0, 'nor does a line wait for a timer while others are written');
  await sink.succeed();
  t.equal(timers.size, 1);
  timers.advance(200);
  t.equal(sink.batches[1], tenBytes);
  await sink.succeed();
  t.equal(made(), 0);
});

t.test('a format that throws costs its line and no other', async (t) => {
  const defects: string[] = [];
  const onDefect = ({ message }: Error): void => void defects.push(message);
  const { timers, sink, log, stat } = setUp({ linesAtOnce: 4, onDefect });
  const broken = {
    toString(): string {
      throw new Error('no such operator');
    },
  } as unknown as string;
  log.write('one\n');
  log.write(`${'two'}\n`);
  log.write(broken);
  log.write('three\n');
  timers.advance(200);
  t.same(sink.batches, ['one\ntwo\nthree\n']);
  await sink.succeed();
  t.equal(stat('sluice_access_log_lines_dropped_total'), 1);
  t.same(defects, ['no such operator']);
  log.write(broken);
  timers.advance(200);
  t.equal(sink.batches.length, 1, 'nothing is nothing to write');
  t.equal(defects.length, 1, 'the next ones of a series are not told');
  log.write('four\n');
  timers.advance(200);
  await sink.succeed();
  log.write(broken);
  timers.advance(200);
  t.equal(defects.length, 2, 'nor is the first one of another kept quiet');
});

t.test('a line that is not made yet is written at the end, or counted', async (t) => {
  const { timers, sink, log, stat } = setUp({ linesAtOnce: 3, closeMs: 100 });
  log.write();
  const closed = log.close();
  t.same(sink.batches, [tenBytes]);
  timers.advance(100);
  await closed;
  t.equal(stat('sluice_access_log_lines_dropped_total'), 0, 'it is with the disk');

  const stuck = setUp({ linesAtOnce: 3, batchLength: 10, closeMs: 100 });
  for (let i = 0; i < 3; i++) stuck.log.write();
  stuck.log.write();
  const end = stuck.log.close();
  stuck.timers.advance(100);
  await end;
  t.equal(stuck.stat('sluice_access_log_lines_dropped_total'), 1);
});

t.test('while one batch is written the next one collects', async (t) => {
  const { timers, sink, log } = setUp({ batchLength: 20 });
  for (let i = 0; i < 5; i++) log.write();
  t.equal(sink.batches.length, 1, 'one write at a time keeps the order');
  await sink.succeed();
  t.equal(sink.batches.length, 2);
  t.equal(sink.batches[1]?.length, 30);
  await sink.succeed();
  log.write();
  t.equal(timers.size, 1);
});

t.test('lines that come faster than they are written are written once, in order', async (t) => {
  const { sink, log, stat } = setUp({ batchLength: 64 * 1024 });
  const line = (index: number): string => `${index} ${'x'.repeat(400)}\n`;
  // Several batches collect behind the first one.
  const count = 2_000;
  for (let i = 0; i < count; i++) log.write(line(i));
  while (stat('filesystem.write_total_buffered') > 0) {
    const flushed = log.flush();
    await sink.succeed();
    if (stat('filesystem.write_total_buffered') === 0) await flushed;
  }
  const expected = Array.from({ length: count }, (_, index) => line(index)).join('');
  t.ok(sink.batches.length > 1);
  t.ok(sink.batches.join('') === expected, 'byte for byte');
});

t.test('a slow disk drops and counts lines, and nothing waits', async (t) => {
  const { sink, log, stat } = setUp({ batchLength: 20, bufferLength: 50 });
  for (let i = 0; i < 100; i++) log.write();
  t.equal(stat('sluice_access_log_lines_dropped_total'), 95);
  t.equal(stat('filesystem.write_total_buffered'), 50);
  await sink.succeed();
  await sink.succeed();
  t.equal(stat('filesystem.write_total_buffered'), 0);
  log.write();
  t.equal(stat('sluice_access_log_lines_dropped_total'), 95, 'and goes on when the disk is back');
});

t.test('a failed write is reported once for each series and counted', async (t) => {
  const errors: string[] = [];
  const onError = (error: Error): void => void errors.push(error.message);
  const onRecovery = (lost: number): void => void errors.push(`again, ${lost} lost`);
  const { sink, log, stat } = setUp({ batchLength: 10, onError, onRecovery });
  for (const result of ['no space', 'no space', null, 'no space']) {
    log.write();
    await (result === null ? sink.succeed() : sink.fail(result));
  }
  t.same(errors, ['no space', 'again, 2 lost', 'no space']);
  t.equal(stat('filesystem.write_failed'), 3);
  t.equal(stat('sluice_access_log_lines_dropped_total'), 3);
});

t.test('closing writes what waits, also behind a write under way', async (t) => {
  const { timers, sink, log, stat } = setUp({ batchLength: 10 });
  log.write();
  log.write();
  log.write();
  const closed = log.close();
  await sink.succeed();
  t.equal(sink.batches.join('').length, 30);
  await sink.succeed();
  await closed;
  t.ok(sink.closed);
  log.write();
  t.equal(stat('sluice_access_log_lines_dropped_total'), 1, 'a line after the end is dropped');
  t.equal(timers.size, 0);
  await log.close();
});

t.test('closing waits a while for a reader that has stopped, and drops the rest', async (t) => {
  const { timers, sink, log, stat } = setUp({ batchLength: 10, closeMs: 1000 });
  for (let i = 0; i < 3; i++) log.write();
  const closing = log.close();
  timers.advance(999);
  await settle();
  t.notOk(sink.closed);
  timers.advance(1);
  await closing;
  t.ok(sink.closed);
  t.equal(stat('sluice_access_log_lines_dropped_total'), 2, 'one is with the sink');
  await sink.fail('gave up');
  t.equal(stat('sluice_access_log_lines_dropped_total'), 3);
  t.equal(sink.batches.length, 1);
  t.equal(timers.size, 0);
});

t.test('reopening writes the old lines to the old file first', async (t) => {
  const { sink, log } = setUp();
  log.write();
  const reopened = log.reopen();
  t.equal(sink.reopened, 0);
  await sink.succeed();
  await reopened;
  t.equal(sink.reopened, 1);
});

t.test('a file keeps every line over rotation and a clean stop', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'access.log');
  const file = await LogFile.open(path, systemTimers);
  const stats = new AccessLogStats();
  const log = loggerOf(new LogWriter(file, { timers: systemTimers, stats }));
  for (let i = 0; i < 1000; i++) log.write();
  await log.flush();
  await rename(path, `${path}.1`);
  await log.reopen();
  for (let i = 0; i < 500; i++) log.write();
  await log.close();
  t.equal((await readFile(`${path}.1`, 'utf8')).length, 10_000);
  t.equal((await readFile(path, 'utf8')).length, 5_000);
});

t.test('a file that cannot be opened says so', async (t) => {
  await t.rejects(LogFile.open('/no/such/folder/access.log', systemTimers), { code: 'ENOENT' });
});

t.test('a pipe that nobody reads gives up when it is closed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  await t.rejects(LogFile.open(path, systemTimers), { code: 'ENXIO' }, 'nobody has it open');
  const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  t.teardown(() => reader.close());
  const alive = keepAlive();
  t.teardown(() => alive.cancel());
  const file = await LogFile.open(path, systemTimers);
  const appended = t.rejects(file.append(Buffer.alloc(1024 * 1024)), /closed before/);
  await reader.read({ buffer: Buffer.alloc(10) });
  await file.close();
  await appended;
});

t.test('a file stays open under a write that still runs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = await LogFile.open(join(folder, 'access.log'), systemTimers);
  const order: string[] = [];
  const written = file.append(Buffer.alloc(32 * 1024 * 1024)).then(() => order.push('written'));
  const closed = file.close().then(() => order.push('closed'));
  await Promise.all([written, closed]);
  t.same(order, ['written', 'closed']);
});

t.test('a failing reopen keeps the old file', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  const errors: string[] = [];
  const sink = new SlowSink();
  sink.reopen = () => Promise.reject(new Error('gone'));
  const options = { onReopenError: (error: Error) => void errors.push(error.message) };
  const log = loggerOf(new LogWriter(sink, { timers, stats: new AccessLogStats(), options }));
  await log.reopen();
  t.same(errors, ['gone']);
  log.write();
  timers.advance(1000);
  t.equal(sink.batches.length, 1);
});

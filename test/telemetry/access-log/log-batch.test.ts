import t from 'tap';
import { LogBatch } from '../../../src/telemetry/access-log/log-batch.ts';

const text = (batch: LogBatch): string => Buffer.from(batch.bytes).toString('latin1');

t.test('lines follow each other as the bytes of their wire text', async (t) => {
  const batch = new LogBatch(64);
  batch.add('a\xe9\n', 1);
  batch.add('b\nc\n', 2);
  t.equal(text(batch), 'a\xe9\nb\nc\n');
  t.equal(batch.lines, 3);
  t.equal(batch.length, 7);
});

t.test('it grows for what does not fit, and keeps what it has', async (t) => {
  const batch = new LogBatch(4);
  batch.add('ab\n', 1);
  batch.add(`${'x'.repeat(100)}\n`, 1);
  t.equal(text(batch), `ab\n${'x'.repeat(100)}\n`);
  t.ok(batch.capacity >= 104);
});

t.test('cleared, it keeps its room alone', async (t) => {
  const batch = new LogBatch(8);
  batch.add('ab\n', 1);
  batch.clear();
  t.equal(batch.lines, 0);
  t.equal(text(batch), '');
  t.equal(batch.capacity, 8);
});

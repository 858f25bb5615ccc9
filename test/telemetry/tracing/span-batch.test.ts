import t from 'tap';
import { SpanBatch, SpanBatches } from '../../../src/telemetry/tracing/span-batch.ts';

function textsOf(batch: SpanBatch): string[] {
  return [...batch.texts()];
}

t.test('spans are there in their order, whole', async (t) => {
  const batch = new SpanBatch();
  t.equal(batch.length, 0);
  t.same(textsOf(batch), []);
  const texts = ['one', '', 'caf\u00e9', 'x'.repeat(1_000)];
  const span = Buffer.alloc(1_000);
  for (const text of texts) batch.push(span.subarray(0, span.write(text)));
  span.fill(0);
  t.equal(batch.length, 4);
  t.same(textsOf(batch), texts, 'what they were made in may be used anew');
  t.same(
    texts.map((_, index) => batch.lengthOf(index)),
    [3, 0, 5, 1_000],
  );
  const target = Buffer.alloc(10);
  t.equal(batch.copy(2, target, 1), 6);
  t.equal(target.toString('utf8', 1, 6), 'caf\u00e9');
});

t.test('it grows', async (t) => {
  const batch = new SpanBatch();
  const room = batch.capacity;
  batch.push(Buffer.from('first'));
  batch.push(Buffer.alloc(room, 'a'));
  batch.push(Buffer.alloc(3 * room, 'b'));
  t.same(textsOf(batch), ['first', 'a'.repeat(room), 'b'.repeat(3 * room)]);
});

t.test('the room of a batch serves for the next one, unless it is large', async (t) => {
  const batches = new SpanBatches();
  const first = batches.next();
  const second = batches.next();
  t.not(first, second);
  first.push(Buffer.from('spans'));
  batches.release(first);
  const third = batches.next();
  t.equal(third, first);
  t.same([third.length, textsOf(third)], [0, []]);
  t.not(batches.next(), first, 'once');
  third.push(Buffer.alloc(2 * 1024 * 1024));
  batches.release(third);
  t.not(batches.next(), third);
});

import t from 'tap';
import { recordingWriter } from '../support/recording-writer.ts';

t.test('what is written in one turn leaves in one write', async (t) => {
  const { writer, writes } = recordingWriter();
  writer.text('HTTP/1.1 200 OK\r\n\r\n');
  writer.bytes(Buffer.from('a small body'), 2, 7);
  t.same(writes, []);
  writer.flush();
  t.same(writes, ['HTTP/1.1 200 OK\r\n\r\nsmall']);
});

t.test('flushing nothing writes nothing', async (t) => {
  const { writer, writes } = recordingWriter();
  writer.flush();
  writer.flush();
  t.same(writes, []);
});

t.test('a large piece goes by itself, behind what came before it', async (t) => {
  const { writer, writes } = recordingWriter();
  const large = Buffer.alloc(16 * 1024 + 1, 'x');
  writer.text('head');
  writer.bytes(large, 0, large.length);
  writer.text('tail');
  writer.flush();
  t.same(
    writes.map((write) => write.length),
    [4, large.length, 4],
  );
});

t.test('a large piece outlives the buffer that it was in', async (t) => {
  const { writer, text } = recordingWriter();
  const shared = Buffer.alloc(20_000, 'x');
  writer.bytes(shared, 0, shared.length);
  shared.fill('z');
  t.equal(text(), 'x'.repeat(20_000));
});

t.test('a chunk that stays as it is needs no copy', async (t) => {
  const { writer, writes } = recordingWriter();
  writer.text('head');
  writer.chunk('text');
  writer.chunk(Buffer.from('bytes'));
  t.same(writes, ['headtext', 'bytes']);
});

t.test('text is not gathered without end', async (t) => {
  const { writer, writes } = recordingWriter();
  for (let i = 0; i < 10; i++) writer.text('x'.repeat(10_000));
  t.ok(writes.length >= 2);
});

t.test('every byte keeps its value', async (t) => {
  const { writer, text } = recordingWriter();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  writer.bytes(bytes, 0, 256);
  t.same(Buffer.from(text(), 'latin1'), bytes);
});

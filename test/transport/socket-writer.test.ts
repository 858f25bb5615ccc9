import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { SocketWriter } from '../../src/transport/socket-writer.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';
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

t.test('text that the system cannot take is counted, and told of once it has', async (t) => {
  const { near, far } = await socketPair(t);
  const writer = new SocketWriter(near, new WriteQueue());
  // Nobody reads: what the two sockets hold is full after some megabytes.
  while (writer.bufferedBytes === 0) {
    writer.text('x'.repeat(1 << 20));
    writer.flush();
  }
  writer.text('the last words');
  writer.flush();
  const queued = writer.bufferedBytes;
  t.ok(queued > 14, `${queued} bytes wait`);
  const drained = once(near, 'drain');
  far.resume();
  await drained;
  t.ok(writer.bufferedBytes < queued);
});

t.test('a socket that was lost is destroyed by the next write, with the reason', async (t) => {
  const { near, far } = await socketPair(t);
  const writer = new SocketWriter(near, new WriteQueue());
  const lost = once(near, 'error');
  far.resetAndDestroy();
  // Nothing is read here, so only a write tells.
  const writing = setInterval(() => {
    writer.text('x');
    writer.flush();
  }, 1);
  t.teardown(() => clearInterval(writing));
  const [error] = (await lost) as [NodeJS.ErrnoException];
  t.match(error.code, /^(EPIPE|ECONNRESET)$/);
});

t.test('what is written after the end is an error of the stream, not of the system', async (t) => {
  const { near } = await socketPair(t);
  const writer = new SocketWriter(near, new WriteQueue());
  const failed = once(near, 'error');
  near.end();
  writer.text('late');
  writer.flush();
  const [error] = (await failed) as [NodeJS.ErrnoException];
  t.equal(error.code, 'ERR_STREAM_WRITE_AFTER_END');
});

/** Two ends of one TCP connection; `near` does not read. */
async function socketPair(t: Test): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near] = (await once(server, 'connection')) as [Socket];
  far.on('error', () => {});
  t.teardown(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

import { createHash } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';

/** Two ends of a connection. */
async function socketPair(t: Test): Promise<readonly [Socket, Socket]> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const accepted = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const far = await accepted;
  server.close();
  t.teardown(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}

t.test('what is written is what was there at the call, on fast and slow sockets', async (t) => {
  const queue = new WriteQueue();
  const random = new SeededRandom(5);
  const pairs = await Promise.all([1, 2, 3].map(() => socketPair(t)));
  const sent = pairs.map(() => createHash('sha256'));
  const received = pairs.map(([, far]) => {
    const hash = createHash('sha256');
    far.on('data', (data) => hash.update(data));
    far.pause();
    return new Promise<string>((resolve) => {
      far.on('end', () => resolve(hash.digest('hex')));
    });
  });
  const shared = Buffer.alloc(80 * 1024);
  for (let round = 0; round < 400; round++) {
    const index = random.uint32() % pairs.length;
    const start = random.uint32() % 1000;
    const end = start + 1 + (random.uint32() % (shared.length - start));
    shared.fill(random.uint32() & 0xff);
    sent[index]?.update(shared.subarray(start, end));
    const [near] = pairs[index] ?? [];
    if (near !== undefined) queue.writeCopy(near, shared, start, end);
    shared.fill(0);
    // The first two take what comes, the third takes nothing until the end.
    if (round === 0) for (const [, far] of pairs.slice(0, 2)) far.resume();
    if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const [near, far] of pairs) {
    near.end();
    far.resume();
  }
  t.same(
    await Promise.all(received),
    sent.map((hash) => hash.digest('hex')),
  );
});

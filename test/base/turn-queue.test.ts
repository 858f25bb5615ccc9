import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { type DeferredTask, TurnQueue } from '../../src/base/turn-queue.ts';

function task(name: string, order: string[], then: () => void = () => undefined): DeferredTask {
  return {
    waitsForTurn: true,
    onTurnEnd: () => {
      order.push(name);
      then();
    },
  };
}

t.test('tasks run once, in order, at the end of the turn', async (t) => {
  const queue = new TurnQueue();
  const order: string[] = [];
  queue.add(task('a', order));
  queue.add(task('b', order));
  await Promise.resolve();
  t.same(order, [], 'not within the turn');
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['a', 'b']);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['a', 'b']);
});

t.test('a task that is added by a task waits for the next turn', async (t) => {
  const queue = new TurnQueue();
  const order: string[] = [];
  queue.add(task('a', order, () => queue.add(task('c', order))));
  queue.add(task('b', order));
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['a', 'b']);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['a', 'b', 'c']);
});

t.test('no turn is spent on a task that no longer waits', async (t) => {
  const queue = new TurnQueue();
  const order: string[] = [];
  for (const name of ['a', 'b', 'c'])
    queue.defer({ ...task(name, order), waitsForTurn: name === 'c' });
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['c']);
});

t.test('of tasks that are put off one has each turn, whoever adds how many', async (t) => {
  const queue = new TurnQueue();
  const order: string[] = [];
  queue.defer(task('a', order, () => queue.defer(task('d', order))));
  queue.defer(task('b', order));
  queue.defer(task('c', order));
  queue.add(task('at once', order));
  t.same(order, []);
  for (const now of ['a', 'b', 'c', 'd']) {
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(order.filter((name) => name !== 'at once').at(-1), now);
  }
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(order.length, 5);
  t.ok(order.indexOf('at once') < order.indexOf('b'));
});

t.test('a task waits for all that has arrived', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const queue = new TurnQueue();
  const order: string[] = [];
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  const accepted: Socket[] = [];
  for (const socket of sockets) {
    const [peer] = (await once(server, 'connection')) as [Socket];
    accepted.push(peer);
    socket.on('data', () => {
      order.push('read');
      if (order.length === 1) queue.add(task('end of turn', order));
    });
  }
  t.teardown(() => {
    for (const socket of [...sockets, ...accepted]) socket.destroy();
    server.close();
  });
  // Both answers are in the kernel before the loop looks for any.
  for (const peer of accepted) peer.write('x');
  const start = process.hrtime.bigint();
  while (process.hrtime.bigint() - start < 20_000_000n);
  while (order.length < 3) await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['read', 'read', 'end of turn']);
});

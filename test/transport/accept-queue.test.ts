import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import type { AcceptedHandle } from '../../src/transport/accept.ts';
import { AcceptQueue, connectionsPerTurn, waitingMax } from '../../src/transport/accept-queue.ts';

function pacing() {
  const handedOn: AcceptedHandle[] = [];
  const queue = new AcceptQueue((handle) => handedOn.push(handle));
  const come = (count: number): AcceptedHandle[] => {
    const sockets = Array.from({ length: count }, () => ({ close: () => undefined }));
    for (const socket of sockets) queue.add(socket);
    return sockets;
  };
  return { queue, handedOn, come };
}

t.test('a few connections do not wait', async (t) => {
  const { handedOn, come } = pacing();
  const first = come(connectionsPerTurn);
  t.strictSame(handedOn, first);
  await nextTurn();
  const second = come(connectionsPerTurn);
  t.strictSame(handedOn, [...first, ...second], 'each turn has its own');
});

t.test('many that come at once are handed on turn by turn, in their order', async (t) => {
  const { handedOn, come } = pacing();
  const sockets = come(3 * connectionsPerTurn + 1);
  t.equal(handedOn.length, connectionsPerTurn);
  await nextTurn();
  t.equal(handedOn.length, 2 * connectionsPerTurn);
  sockets.push(...come(1));
  t.equal(handedOn.length, 2 * connectionsPerTurn, 'one that comes later does not overtake');
  await nextTurn();
  t.equal(handedOn.length, 3 * connectionsPerTurn);
  await nextTurn();
  t.ok(handedOn.every((socket, index) => socket === sockets[index]));
  t.equal(handedOn.length, sockets.length);
  t.strictSame(come(1), handedOn.slice(-1), 'the queue is empty again');
});

t.test('more than may wait go on at once, to be refused where there is a limit', (t) => {
  const { queue, handedOn, come } = pacing();
  come(connectionsPerTurn + waitingMax);
  t.equal(handedOn.length, connectionsPerTurn);
  const late = come(1);
  t.strictSame(handedOn.slice(connectionsPerTurn), late);
  queue.flush();
  t.equal(handedOn.length, connectionsPerTurn + waitingMax + 1);
  t.end();
});

t.test('none waits for a port that is closed', (t) => {
  const { queue, handedOn, come } = pacing();
  const sockets = come(2 * connectionsPerTurn);
  queue.flush();
  t.ok(handedOn.every((socket, index) => socket === sockets[index]));
  t.equal(handedOn.length, sockets.length);
  t.end();
});

import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { TurnQueue } from '../../src/base/turn-queue.ts';
import { PacedReading } from '../../src/transport/paced-reading.ts';

const share = 512 * 1024;

/** Of a socket only these are asked. */
class ReadSocket {
  isRead = true;
  destroyed = false;
  resumes = 0;

  pause(): void {
    this.isRead = false;
  }

  resume(): void {
    this.isRead = true;
    this.resumes++;
  }
}

function pacedReading(onTurn?: () => void, turns = new TurnQueue()) {
  const socket = new ReadSocket();
  const reader = onTurn === undefined ? null : { onTurn };
  const reading = new PacedReading(socket as unknown as Socket, turns, reader);
  return { socket, reading };
}

t.test('a socket that has brought its share is read again in a later turn', async (t) => {
  const { socket, reading } = pacedReading();
  for (let piece = 0; piece < 3; piece++) reading.take(share / 4);
  t.ok(socket.isRead);
  reading.take(share / 4);
  t.notOk(socket.isRead);
  await nextTurn();
  t.ok(socket.isRead);
  reading.take(share - 1);
  t.ok(socket.isRead, 'each turn has its own');
});

t.test('large pieces of all sockets count together, and small ones do not', async (t) => {
  const turns = new TurnQueue();
  const sockets = Array.from({ length: 6 }, () => pacedReading(undefined, turns));
  for (const { reading } of sockets) reading.take(share / 4);
  const isRead = (): boolean[] => sockets.map(({ socket }) => socket.isRead);
  t.strictSame(isRead(), [true, true, true, false, false, false]);
  const small = pacedReading(undefined, turns);
  small.reading.take(16 * 1024 - 1);
  t.ok(small.socket.isRead);
  for (let turn = 1; turn <= 3; turn++) {
    await nextTurn();
    t.equal(isRead().filter((one) => one).length, 3 + turn, 'one has each turn');
  }
});

t.test('one that is paused meanwhile stays so, and one that is resumed still waits', async (t) => {
  const { socket, reading } = pacedReading();
  reading.take(share);
  reading.pause();
  await nextTurn();
  t.notOk(socket.isRead);
  reading.resume();
  t.ok(socket.isRead);
  reading.take(share);
  reading.pause();
  reading.resume();
  t.notOk(socket.isRead);
  await nextTurn();
  t.ok(socket.isRead);
});

t.test('another message does not wait for the one before it', async (t) => {
  const { socket, reading } = pacedReading();
  reading.take(share);
  reading.renew();
  t.ok(socket.isRead);
  await nextTurn();
  t.equal(socket.resumes, 1, 'nor has it the turn of that one');
});

t.test('its reader hears of the turn, and may wait for another', async (t) => {
  let turns = 0;
  const { socket, reading } = pacedReading(() => {
    turns++;
    if (turns === 1) reading.waitForTurn();
  });
  reading.waitForTurn();
  await nextTurn();
  t.equal(turns, 1);
  t.notOk(socket.isRead);
  await nextTurn();
  t.equal(turns, 2);
  t.ok(socket.isRead);
});

t.test('a socket that is gone has no turn', async (t) => {
  const { socket, reading } = pacedReading(() => t.fail('nobody is left to hear of it'));
  reading.take(share);
  socket.destroyed = true;
  await nextTurn();
  reading.pause();
  reading.resume();
  t.equal(socket.resumes, 0);
});

t.test('what is read moves to another socket', async (t) => {
  const { socket, reading } = pacedReading();
  reading.pause();
  const above = new ReadSocket();
  reading.moveTo(above as unknown as Socket);
  reading.take(share);
  t.notOk(above.isRead);
  await nextTurn();
  t.ok(above.isRead);
  t.notOk(socket.isRead, 'and the one below is left alone');
});

t.test('what had to wait on one socket does not on the other', async (t) => {
  const { reading } = pacedReading();
  reading.take(share);
  const above = new ReadSocket();
  reading.moveTo(above as unknown as Socket);
  reading.pause();
  t.notOk(above.isRead, 'it can be paused at once');
  await nextTurn();
  t.notOk(above.isRead);
  reading.resume();
  t.ok(above.isRead);
});

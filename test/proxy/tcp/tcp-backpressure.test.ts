/** Slow readers of a TCP proxy: the fast side waits, nothing is lost, nothing is held for ever. */

import { createHash, type Hash } from 'node:crypto';
import type { Socket } from 'node:net';
import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { drainInto, pour, standstill } from '../../support/pouring.ts';
import { atRest, rawServer, tcpMesh } from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';

const length = 32 * 1024 * 1024;

t.test('a slow client holds the endpoint back', async (t) => {
  let taken = (): number => 0;
  const port = await rawServer(t, (socket) => {
    taken = pour(socket, length);
    socket.on('end', () => socket.end()).resume();
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  client.socket.pause();
  const written = await standstill(proxy, () => taken());
  t.ok(written < length, `${written} of ${length} bytes were taken`);
  const bytes = drainInto(client);
  client.socket.resume();
  await proxy.until('all bytes', () => bytes() === length);
  client.destroy();
  t.match(await proxy.ending(), { sent: length });
});

t.test('a slow endpoint holds the client back', async (t) => {
  const sockets: Socket[] = [];
  let received = 0;
  const port = await rawServer(t, (socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.on('end', () => socket.end());
    socket.pause();
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  const taken = pour(client.socket, length);
  const written = await standstill(proxy, taken);
  t.ok(written < length, `${written} of ${length} bytes were taken`);
  sockets[0]?.resume();
  await proxy.until('all bytes', () => received === length);
  client.destroy();
  t.match(await proxy.ending(), { received: length });
});

/** Random bytes in pieces of odd sizes, as fast as they are taken, then the end. */
function sendNoise(socket: Socket, seed: number): Hash {
  const random = new SeededRandom(seed);
  const noise = Buffer.from(Array.from({ length: 256 * 1024 }, () => random.uint32()));
  const hash = createHash('sha256');
  let left = length / 4;
  const more = (): void => {
    while (left > 0) {
      const start = random.uint32() % (noise.length - 1);
      const piece = noise.subarray(start, start + Math.min(left, 1 + (random.uint32() % 100_000)));
      left -= piece.length;
      hash.update(piece);
      if (!socket.write(piece)) return;
    }
    socket.off('drain', more);
    socket.end();
  };
  socket.on('drain', more);
  more();
  return hash;
}

function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (data) => hash.update(data));
  return new Promise((resolve) => {
    socket.on('end', () => resolve(hash.digest('hex')));
  });
}

t.test('both ways at once every byte arrives, in order', async (t) => {
  const atOrigin = Promise.withResolvers<readonly [sent: Hash, received: Promise<string>]>();
  const port = await rawServer(t, (socket) => {
    atOrigin.resolve([sendNoise(socket, 1), hashOf(socket)]);
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  client.socket.removeAllListeners('data');
  const received = hashOf(client.socket);
  const sent = sendNoise(client.socket, 2);
  const [originSent, originReceived] = await atOrigin.promise;
  t.equal(await originReceived, sent.digest('hex'));
  t.equal(await received, originSent.digest('hex'));
  t.match(await proxy.ending(), { received: length / 4, sent: length / 4, flags: '-' });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('what a client left is written to a slow endpoint', async (t) => {
  const sockets: Socket[] = [];
  let received = 0;
  const port = await rawServer(t, (socket) => {
    sockets.push(socket);
    socket.end();
    socket.pause();
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.pause();
  });
  const setup = { limits: { streamBufferBytes: length }, manualTime: true };
  const proxy = await ProxyHarness.start(t, tcpMesh([port], setup), setup);
  const client = await proxy.connect();
  client.write(Buffer.alloc(length / 2, 'x'));
  client.end();
  const { info } = await proxy.ending();
  t.equal(info.bytesReceived, length / 2);
  const [chain] = proxy.listener.filterChains;
  const stats = chain?.kind === 'tcp' ? chain.stats : null;
  t.equal(stats?.upstreamFlushActive, 1);
  t.equal(proxy.cluster().breaker.connections, 1, 'the endpoint is still written to');
  proxy.advance(3000);
  sockets[0]?.resume();
  await proxy.until('all bytes', () => received === length / 2);
  await proxy.until('rest', () => atRest(proxy));
  t.equal(stats?.upstreamFlushActive, 0);
});

t.test('an endpoint that takes nothing of it is cut off', async (t) => {
  const port = await rawServer(t, (socket) => {
    socket.end();
    socket.pause();
  });
  const setup = { limits: { streamBufferBytes: length }, manualTime: true };
  const proxy = await ProxyHarness.start(t, tcpMesh([port], setup), setup);
  const client = await proxy.connect();
  client.write(Buffer.alloc(length / 2, 'x'));
  client.end();
  await proxy.ending();
  const { breaker } = proxy.cluster();
  proxy.advance(5000);
  t.equal(breaker.connections, 1);
  proxy.advance(5000);
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a client that takes nothing behind a reset of the endpoint is cut off', async (t) => {
  const sockets: Socket[] = [];
  let taken = (): number => 0;
  const port = await rawServer(t, (socket) => {
    sockets.push(socket);
    taken = pour(socket, length);
  });
  const setup = { limits: { slowReaderMs: 3000 }, manualTime: true };
  const proxy = await ProxyHarness.start(t, tcpMesh([port], setup), setup);
  const client = await proxy.connect();
  client.socket.pause();
  await standstill(proxy, () => taken());
  client.write('x');
  await proxy.until('the byte', () => proxy.listener.stats.downstreamCxRxBytesTotal === 1);
  // A paused socket is not watched: it is read again when the client takes something.
  const bytes = drainInto(client);
  client.socket.resume();
  sockets[0]?.resetAndDestroy();
  await proxy.until('some bytes', () => bytes() > 0);
  t.match(await proxy.ending(), { flags: 'UR' });
  await proxy.until('rest', () => atRest(proxy));
});

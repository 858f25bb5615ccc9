// What ends an HTTP/2 connection to an endpoint, or keeps it, besides its streams.

import t from 'tap';
import type { TurnTask } from '../../src/base/turn-queue.ts';
import { chunkedBody } from '../../src/http1/message-head.ts';
import { flag } from '../../src/http2/protocol.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';
import { ping, settings, windowUpdate } from '../http2/frames.ts';
import { frameTypes } from '../support/h2-frames.ts';
import {
  answering,
  Client,
  head,
  isOver,
  ScriptedEndpoint,
  startEndpoint,
  streamOf,
  until,
} from './http2-fixture.ts';
import { defaultSettings, RecordingExchange } from './pool-fixture.ts';

const http2Keepalive = { intervalMs: 10_000, timeoutMs: 2_000 };
const ok = [':status', '200'];

t.test('a connection is asked whether it lives, and stays while it answers', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, ({ type, flags, payload }) =>
    type === frameTypes.ping && flags === 0 ? ping(flag.ack, payload.toString('latin1')) : null,
  );
  const client = new Client(t, endpoint.port, { http2Keepalive });
  const { clock, gate, timers } = client.environment;
  let answers = 0;
  const exchange = await client.send('/');
  for (const count of [1, 2, 3]) {
    timers.advance(http2Keepalive.intervalMs + 10);
    await until('PING', () => endpoint.seen('ping').length === count);
    await until('its answer', () => {
      const { upstreamCxRxBytesTotal } = gate.stats;
      const isMore = upstreamCxRxBytesTotal > answers;
      if (isMore) answers = upstreamCxRxBytesTotal;
      return isMore;
    });
  }
  t.ok(clock.now() > 3 * http2Keepalive.intervalMs);
  t.same(exchange.events, ['connection']);
  t.equal(gate.stats.http2KeepaliveTimeout, 0);
});

t.test('a connection that does not answer is closed, unless other bytes come', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t);
  const client = new Client(t, endpoint.port, { http2Keepalive });
  const { gate, timers } = client.environment;
  const exchange = await client.send('/');
  await until('request', () => endpoint.seen('headers').length === 1);
  timers.advance(http2Keepalive.intervalMs + 10);
  await until('PING', () => endpoint.seen('ping').length === 1);
  const before = gate.stats.upstreamCxRxBytesTotal;
  endpoint.socket.write(ping());
  await until('bytes', () => gate.stats.upstreamCxRxBytesTotal > before);
  timers.advance(http2Keepalive.timeoutMs + 10);
  t.same(exchange.events, ['connection'], 'somebody is there');
  timers.advance(http2Keepalive.timeoutMs + 10);
  t.same(exchange.events, ['connection', 'failure connection-termination']);
  t.equal(gate.stats.http2KeepaliveTimeout, 1);
  await until('closed', () => gate.connections === 0);
  timers.advance(60_000);
  t.equal(gate.stats.http2KeepaliveTimeout, 1);
});

t.test('a pool has no more streams on a connection than it may', async (t) => {
  const endpoint = await startEndpoint(t, () => undefined);
  const client = new Client(t, endpoint.port, { maxConcurrentStreams: 2 });
  client.environment.gate.connectionsMax = 2;
  for (const path of ['/1', '/2', '/3', '/4']) await client.send(path);
  const fifth = client.acquire('/5');
  t.same(fifth.events, []);
  await until('requests', () => endpoint.fields.length === 4);
  t.equal(endpoint.sessions.length, 2);
});

t.test('the settings of a reload hold for streams from then on', async (t) => {
  const endpoint = await startEndpoint(t, () => undefined);
  const client = new Client(t, endpoint.port);
  client.environment.gate.connectionsMax = 1;
  await client.send('/1');
  client.pool.configure({ ...defaultSettings, maxConcurrentStreams: 1 }, defaultLimits);
  t.equal(client.pool.acquire(new RecordingExchange('', [])), 'pending');
});

/** Turns that end when the test says so. */
class HeldTurns extends WriteQueue {
  isHeld = false;
  override add(task: TurnTask): void {
    if (!this.isHeld) super.add(task);
  }
}

t.test('a request that has not left when the connection ends was not sent', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, answering(ok));
  const turns = new HeldTurns();
  const client = new Client(t, endpoint.port, {}, { turns });
  await client.finish('/first');
  turns.isHeld = true;
  const unsent = await client.send('/second');
  endpoint.socket.end();
  await until('failure', () => isOver(unsent));
  t.same(unsent.events, ['connection', 'failure not-sent']);
  turns.isHeld = false;
  t.same((await client.finish('/third')).slice(-1), ['end']);
  t.equal(endpoint.sockets.length, 2);
});

t.test('one that never served anybody is no chance that was missed', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t);
  const turns = new HeldTurns();
  const client = new Client(t, endpoint.port, {}, { turns });
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  turns.isHeld = true;
  streamOf(exchange).sendHead(head('/'));
  endpoint.socket.end();
  await until('failure', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'failure connection-termination']);
});

t.test('a reset of the connection is told from its end', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, ({ type }, socket) => {
    if (type === frameTypes.headers) socket.resetAndDestroy();
    return null;
  });
  const client = new Client(t, endpoint.port);
  t.same(await client.finish('/'), ['connection', 'failure reset']);
  await until('closed', () => client.pool.openConnections === 0);
});

t.test('the proxy itself is no endpoint', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t);
  const client = new Client(t, endpoint.port, {}, { isForbidden: () => true });
  const exchange = client.acquire();
  await until('failure', () => isOver(exchange));
  t.same(exchange.events, ['failure connect-refused']);
  t.same(endpoint.frames, []);
});

t.test('a connection that is given up says so', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, answering(ok));
  const client = new Client(t, endpoint.port);
  await client.finish('/');
  client.pool.drain();
  await until('closed', () => client.pool.openConnections === 0);
  await until('farewell', () => endpoint.seen('goaway').length === 1);
  t.same(endpoint.seen('goaway'), ['0 0000000000000000']);
});

t.test('an endpoint that does not take the last bytes is cut off', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t);
  const client = new Client(t, endpoint.port);
  const { gate, timers } = client.environment;
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  const stream = streamOf(exchange);
  stream.sendHead(head('/', { method: 'POST', framing: chunkedBody }));
  await until('request', () => endpoint.seen('headers').length === 1);
  endpoint.socket.pause();
  endpoint.socket.write(settings({ initialWindowSize: 2 ** 30 }));
  endpoint.socket.write(windowUpdate(0, 2 ** 30));
  stream.sendBody(Buffer.alloc(64 * 1024 * 1024));
  let sent = 0;
  await until('no more is taken', () => {
    const before = sent;
    sent = gate.stats.upstreamCxTxBytesTotal;
    return sent === before && sent > 1_000_000;
  });
  stream.close();
  client.pool.drain();
  timers.advance(defaultLimits.tunnelLingerMs + 10);
  await until('closed', () => client.pool.openConnections === 0);
  t.ok(gate.stats.upstreamCxTxBytesTotal < 64 * 1024 * 1024);
});

t.test('what a connection carries is counted', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, answering(ok));
  const client = new Client(t, endpoint.port);
  await client.finish('/');
  const { stats } = client.environment.gate;
  await until('all arrived', () => stats.upstreamCxTxBytesTotal === endpoint.socket.bytesRead);
  t.equal(stats.upstreamCxRxBytesTotal, endpoint.socket.bytesWritten);
});

import t from 'tap';
import { defaultLimits } from '../../src/model/limits.ts';
import { requestHead } from '../support/recording-stream.ts';
import { PoolFixture } from './pool-fixture.ts';

t.test('a connection is closed after its last allowed request', async (t) => {
  const f = await PoolFixture.start(t, { maxRequestsPerConnection: 2 });
  const { connection } = await f.acquire();
  connection.sendHead(requestHead());
  f.pool.release(connection, true);
  t.notOk(connection.closed);
  await f.acquire();
  connection.sendHead(requestHead());
  f.pool.release(connection, true);
  t.ok(connection.closed);
  await f.settled();
});

t.test('a connection that is too old is closed when its exchange ends', async (t) => {
  const f = await PoolFixture.start(t, { maxConnectionDurationMs: 5_000 });
  const { connection } = await f.acquire();
  f.timers.advance(4_990);
  f.pool.release(connection, true);
  t.notOk(connection.closed);
  await f.acquire();
  f.timers.advance(10);
  f.pool.release(connection, true);
  t.ok(connection.closed);
});

t.test('a connection that became too old while idle is not handed out', async (t) => {
  const f = await PoolFixture.start(t, { maxConnectionDurationMs: 5_000 });
  const { connection } = await f.acquire();
  f.pool.release(connection, true);
  f.timers.advance(5_000);
  const next = await f.acquire();
  t.not(next.connection, connection);
});

t.test('an idle connection closes after the idle timeout', async (t) => {
  const f = await PoolFixture.start(t, { idleTimeoutMs: 5_000 });
  const { connection } = await f.acquire();
  f.timers.advance(60_000);
  t.notOk(connection.closed, 'it does not run while there is an exchange');
  f.pool.release(connection, true);
  f.timers.advance(4_990);
  t.notOk(connection.closed);
  f.timers.advance(20);
  t.ok(connection.closed);
  await f.settled();
});

t.test('use begins the idle time anew', async (t) => {
  const f = await PoolFixture.start(t, { idleTimeoutMs: 5_000 });
  const { connection } = await f.acquire();
  f.pool.release(connection, true);
  f.timers.advance(4_000);
  await f.acquire();
  f.pool.release(connection, true);
  f.timers.advance(4_000);
  t.notOk(connection.closed, 'the timer armed first has fired');
  f.timers.advance(1_100);
  t.ok(connection.closed);
});

t.test('a timer that fires during an exchange is armed again after it', async (t) => {
  const f = await PoolFixture.start(t, { idleTimeoutMs: 5_000 });
  const { connection } = await f.acquire();
  f.pool.release(connection, true);
  f.timers.advance(4_000);
  await f.acquire();
  f.timers.advance(10_000);
  t.notOk(connection.closed);
  f.pool.release(connection, true);
  f.timers.advance(5_010);
  t.ok(connection.closed);
});

t.test('a connection is given up before its peer closes it', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection } = await f.acquire();
  connection.peerIdleMs = 5_000;
  f.pool.release(connection, true);
  f.timers.advance(3_990);
  t.notOk(connection.closed);
  f.timers.advance(20);
  t.ok(connection.closed, 'a second before');
});

t.test(
  'a connection at the end of its time is not handed out, even before its timer',
  async (t) => {
    const f = await PoolFixture.start(t);
    const { connection } = await f.acquire();
    connection.peerIdleMs = 5_000;
    f.pool.release(connection, true);
    f.clock.advance(4_000);
    const next = await f.acquire();
    t.not(next.connection, connection);
    t.ok(connection.closed);
  },
);

t.test('a connection that the peer closed while idle is not handed out', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection } = await f.acquire();
  f.pool.release(connection, true);
  f.origin.connections[0]?.socket.destroy();
  await f.until('close', () => f.gate.connections === 0);
  const next = await f.acquire();
  t.not(next.connection, connection);
  t.equal(f.pool.openConnections, 1);
});

t.test('a connection with bytes that nobody asked for is closed', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection } = await f.acquire();
  f.pool.release(connection, true);
  f.origin.connections[0]?.socket.write('HTTP/1.1 200 OK\r\n\r\n');
  await f.settled();
  t.ok(connection.closed);
});

t.test('a connection that is not made in time fails the request that waits', async (t) => {
  const f = await PoolFixture.start(t, { connectTimeoutMs: 250 });
  const exchange = f.exchange('waits');
  f.pool.acquire(exchange);
  // Nothing has been read of the socket yet: it still is connecting.
  f.timers.advance(260);
  await f.until('failure', () => exchange.events.length > 0);
  t.same(exchange.events, ['failure connect-timeout']);
  t.same(f.gate.failures, ['timeout']);
  await f.settled();
});

t.test('the connect timeout ends with the connect', async (t) => {
  const f = await PoolFixture.start(t, { connectTimeoutMs: 250 });
  const { connection, exchange } = await f.acquire();
  f.timers.advance(10_000);
  t.notOk(connection.closed);
  t.same(exchange.events, ['connection']);
});

t.test('many exchanges leave nothing behind', async (t) => {
  const f = await PoolFixture.start(t, { maxRequestsPerConnection: 3 });
  f.gate.connectionsMax = 2;
  for (let round = 0; round < 20; round++) {
    const exchanges = ['a', 'b', 'c', 'd'].map((name) => f.exchange(name));
    for (const exchange of exchanges) {
      const acquired = f.pool.acquire(exchange);
      if (typeof acquired !== 'string') exchange.onStream(acquired);
    }
    for (const exchange of exchanges) {
      await f.until('connection', () => exchange.connection !== null);
      const connection = exchange.connection;
      if (connection === null) continue;
      connection.sendHead(requestHead());
      f.pool.release(connection, false);
    }
  }
  await f.settled();
  t.ok(f.origin.connections.length >= 20);
});

t.test('what a tunnel has left is delivered, unless the endpoint takes too long', async (t) => {
  const f = await PoolFixture.start(t, {}, { handler: ({ socket }) => socket.pause() });
  const { connection } = await f.acquire();
  connection.sendHead(requestHead());
  const bytes = Buffer.alloc(16 * 1024 * 1024);
  connection.sendTunnelBytes(bytes, 0, bytes.length);
  connection.closeTunnel();
  f.timers.advance(4_990);
  t.equal(f.gate.connections, 1);
  f.timers.advance(20);
  await f.settled();
});

t.test('new settings hold for the connections that are there', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection } = await f.acquire();
  const settings = { ...f.pool.settings, maxConnectionDurationMs: 1_000 };
  f.pool.configure(settings, { ...defaultLimits, responseHeaderCount: 1 });
  const next = f.acquire();
  f.timers.advance(1_010);
  f.pool.release(connection, true);
  t.ok(connection.closed, 'too old now');
  const fresh = await next;
  fresh.connection.sendHead(requestHead());
  const two = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Two: 2\r\n\r\n';
  f.origin.connections.at(-1)?.socket.write(two);
  await f.until('failure', () => fresh.exchange.events.length === 2);
  t.equal(fresh.exchange.events[1], 'failure protocol-error', 'limits are those of new ones');
});

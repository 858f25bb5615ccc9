/** Who gets which connection; how long connections live is in http1-pool-lifetime.test.ts. */

import t from 'tap';
import { PoolFixture } from './pool-fixture.ts';

t.test('idle connections are used last in, first out', async (t) => {
  const f = await PoolFixture.start(t);
  const [a, b, c] = await f.acquireMany(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error('three connections');
  for (const connection of [b, a, c]) f.pool.release(connection, true);
  const again = await f.acquireMany(3);
  t.same(
    again.map((connection) => [a, b, c].indexOf(connection)),
    [2, 0, 1],
  );
  t.equal(f.pool.openConnections, 3, 'none was made anew');
});

t.test('requests wait in order for connections', async (t) => {
  const f = await PoolFixture.start(t);
  f.gate.connectionsMax = 1;
  const { connection } = await f.acquire('first');
  for (const name of ['b', 'c', 'd']) t.equal(f.pool.acquire(f.exchange(name)), 'pending');
  t.equal(f.gate.pending, 3);
  f.pool.release(connection, true);
  f.pool.release(connection, true);
  t.same(f.order, ['first', 'b', 'c']);
  f.pool.release(connection, false);
  await f.until('another connection', () => f.order.length === 4);
  t.same(f.order, ['first', 'b', 'c', 'd'], 'a new connection where the old one cannot be used');
  t.equal(f.gate.pending, 0);
  t.equal(f.gate.connections, 1);
});

t.test('a request that must not wait is told at once', async (t) => {
  const f = await PoolFixture.start(t);
  f.gate.connectionsMax = 1;
  f.gate.pendingMax = 1;
  await f.acquire();
  t.equal(f.pool.acquire(f.exchange('waits')), 'pending');
  t.equal(f.pool.acquire(f.exchange('too many')), 'overflow');
  t.equal(f.gate.pending, 1);
});

t.test('an endpoint may have one connection whatever the limit', async (t) => {
  const f = await PoolFixture.start(t);
  f.gate.connectionsMax = 0;
  await f.acquire();
  t.equal(f.gate.connections, 1);
});

t.test('a cancelled wait is over', async (t) => {
  const f = await PoolFixture.start(t);
  f.gate.connectionsMax = 1;
  const { connection } = await f.acquire('first');
  const [left, stays] = [f.exchange('left'), f.exchange('stays')];
  f.pool.acquire(left);
  f.pool.acquire(stays);
  f.pool.cancel(left);
  t.equal(f.gate.pending, 1);
  f.pool.cancel(left);
  t.equal(f.gate.pending, 1, 'twice is once');
  f.pool.release(connection, true);
  t.same(f.order, ['first', 'stays']);
});

t.test('a connection that nobody waits for any more becomes idle', async (t) => {
  const f = await PoolFixture.start(t);
  const gone = f.exchange('gone');
  f.pool.acquire(gone);
  f.pool.cancel(gone);
  await f.until('connect', () => f.origin.connections.length === 1);
  await f.acquire('next');
  t.equal(f.pool.openConnections, 1, 'the next request uses it');
  t.equal(f.gate.pending, 0);
});

t.test('a refused connection fails each waiting request once, and nothing stays', async (t) => {
  const fixture = await PoolFixture.start(t, {}, { refusing: true });
  const exchanges = ['a', 'b', 'c'].map((name) => fixture.exchange(name));
  for (const exchange of exchanges) t.equal(fixture.pool.acquire(exchange), 'pending');
  await fixture.until('failures', () => fixture.order.length === 3);
  for (const { events } of exchanges) t.same(events, ['failure connect-refused']);
  t.same(fixture.gate.failures, ['refused', 'refused', 'refused']);
  await fixture.settled();
});

t.test('one refused connection fails all who wait, whatever else is under way', async (t) => {
  const f = await PoolFixture.start(t, {}, { refusing: true });
  // Two connections are under way, and a third request waits for one of them.
  f.gate.connectionsMax = 2;
  const exchanges = ['a', 'b', 'c'].map((name) => f.exchange(name));
  for (const exchange of exchanges) f.pool.acquire(exchange);
  await f.until('the first failure', () => f.order.length > 0);
  t.equal(f.order.length, 3);
  t.equal(f.gate.stats.upstreamRqPendingFailureEject, 3);
  await f.settled();
  t.equal(f.gate.failures.length, 2);
});

t.test('each request fails for its own reason', async (t) => {
  const f = await PoolFixture.start(t);
  const busy = await f.acquire('busy');
  const late = f.exchange('late');
  await f.origin.stop();
  f.pool.acquire(late);
  await f.until('failures', () => f.order.length === 3);
  t.same(busy.exchange.events, ['connection', 'failure connection-termination']);
  t.same(late.events, ['failure connect-refused']);
  await f.settled();
});

t.test('a request that no longer waits is not failed', async (t) => {
  const fixture = await PoolFixture.start(t, {}, { refusing: true });
  const [left, stays] = [fixture.exchange('left'), fixture.exchange('stays')];
  fixture.pool.acquire(left);
  fixture.pool.acquire(stays);
  fixture.pool.cancel(left);
  await fixture.settled();
  t.same(left.events, []);
  t.same(stays.events, ['failure connect-refused']);
});

t.test('draining closes idle connections now, and the others when they are done', async (t) => {
  const f = await PoolFixture.start(t);
  const [idle, busy] = await f.acquireMany(2);
  if (idle === undefined || busy === undefined) throw new Error('two connections');
  f.pool.release(idle, true);
  f.pool.drain();
  t.ok(idle.closed);
  t.notOk(busy.closed);
  f.pool.release(busy, true);
  t.ok(busy.closed);
  await f.settled();
  t.equal(f.origin.connections.length, 2);
});

t.test('a connection whose messages did not end cleanly is closed', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection } = await f.acquire();
  f.pool.release(connection, false);
  t.ok(connection.closed);
  await f.settled();
});

t.test('a connection that is not wanted after all goes to the next', async (t) => {
  const f = await PoolFixture.start(t);
  f.gate.connectionsMax = 1;
  const { connection } = await f.acquire('first');
  const [declines, takes] = [f.exchange('declines'), f.exchange('takes')];
  declines.wanted = false;
  f.pool.acquire(declines);
  f.pool.acquire(takes);
  f.pool.release(connection, true);
  t.same(f.order, ['first', 'declines', 'takes']);
  t.equal(connection.exchange, takes);
  t.equal(f.gate.pending, 0);
});

t.test('a connection to a forbidden place is closed before anything is sent', async (t) => {
  const seen: string[] = [];
  const isForbidden = ({ remoteAddress }: { readonly remoteAddress: string }): boolean => {
    seen.push(remoteAddress);
    return true;
  };
  const f = await PoolFixture.start(t, {}, { isForbidden });
  const exchange = f.exchange('asks');
  f.pool.acquire(exchange);
  await f.until('failure', () => exchange.events.length > 0);
  t.same(exchange.events, ['failure connect-refused']);
  t.same(seen, ['127.0.0.1']);
  await f.settled();
});

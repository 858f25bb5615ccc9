/** What happens when time passes, on virtual time: of attempts, routes, streams and connections. */

import t from 'tap';
import { outlierDetection } from '../../support/cluster-models.ts';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok, type ScriptedOrigin, scriptedOrigin } from '../../support/scripted-origin.ts';

async function arrived(proxy: ProxyHarness, origin: ScriptedOrigin, count: number): Promise<void> {
  await proxy.until(`request ${count}`, () => origin.requests.length >= count);
}

t.test('a route timeout ends the request with 504', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, {
    action: { timeoutMs: 2_000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await arrived(proxy, origin, 1);
  t.equal(headerValue(origin.requests[0]?.headers ?? [], 'x-envoy-expected-rq-timeout-ms'), '2000');
  proxy.advance(1_990);
  t.equal(proxy.ended.length, 0);
  proxy.advance(20);
  const response = await client.readResponse();
  t.equal(response.status, 504);
  t.equal(response.body.toString(), 'upstream request timeout');
  t.match(await proxy.ending(), { flags: 'UT', details: 'response_timeout' });
  t.equal(proxy.cluster().stats.upstreamRqTimeout, 1);
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('a route timeout begins at the end of the request', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), {
    action: { timeoutMs: 2_000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na');
  await proxy.until('head upstream', () => origin.origin.received().length > 0);
  proxy.advance(10_000);
  client.write('bc');
  t.equal((await client.readResponse()).status, 200);
  client.destroy();
});

t.test('a route timeout within the response cuts it', async (t) => {
  const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
  const { proxy } = await proxiedOrigin(t, () => begun, {
    action: { timeoutMs: 2_000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('half', () => client.unread.includes('half'));
  proxy.advance(2_010);
  const response = await client.readResponse();
  t.ok(response.truncated);
  t.match(await proxy.ending(), { status: 200, flags: 'UT', sent: 4 });
  t.same(proxy.load, noLoad);
});

t.test('a try that takes too long gives way to the next', async (t) => {
  let count = 0;
  const script = (): string | null => (++count === 1 ? null : ok('hello'));
  const { proxy, origin } = await proxiedOrigin(t, script, {
    action: { retryPolicy: retryPolicy({ perTryTimeoutMs: 500 }) },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(postRequest('/', 'the body'));
  await arrived(proxy, origin, 1);
  proxy.advance(510);
  proxy.advance(1);
  const response = await client.readResponse();
  t.equal(response.status, 200);
  t.equal(origin.requests[1]?.body.toString(), 'the body');
  t.match(await proxy.ending(), { flags: '-', attempts: 2 });
  t.equal(proxy.cluster().stats.upstreamRqPerTryTimeout, 1);
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('the last try that takes too long ends with 504', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, {
    action: { retryPolicy: retryPolicy({ perTryTimeoutMs: 500, numRetries: 1 }) },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await arrived(proxy, origin, 1);
  proxy.advance(510);
  proxy.advance(1);
  await arrived(proxy, origin, 2);
  proxy.advance(510);
  t.equal((await client.readResponse()).status, 504);
  t.match(await proxy.ending(), { flags: 'URX,UT', details: 'upstream_per_try_timeout' });
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('a time for each try that is no shorter than the route’s has no effect', async (t) => {
  for (const perTryTimeoutMs of [500, 800]) {
    const { proxy, origin } = await proxiedOrigin(t, () => null, {
      action: { timeoutMs: 500, retryPolicy: retryPolicy({ perTryTimeoutMs, numRetries: 1 }) },
      manualTime: true,
    });
    const client = await proxy.connect();
    client.write(getRequest('/', 'a'));
    await arrived(proxy, origin, 1);
    proxy.advance(510);
    t.match(await proxy.ending(), { status: 504, details: 'response_timeout', attempts: 1 });
    t.match(proxy.cluster().stats, { upstreamRqTimeout: 1, upstreamRqPerTryTimeout: 0 });
    client.destroy();
  }
});

t.test('a route timeout within a response or a back-off blames no endpoint', async (t) => {
  const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
  for (const [answer, timeouts] of [
    [begun, 1],
    ['HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n', 0],
  ] as const) {
    const { proxy } = await proxiedOrigin(t, () => answer, {
      action: {
        timeoutMs: 500,
        retryPolicy: retryPolicy({ backoffBaseMs: 1e6, backoffMaxMs: 1e6 }),
      },
      manualTime: true,
    });
    const client = await proxy.connect();
    client.write(getRequest('/', 'a'));
    const endpoint = proxy.endpoint();
    await proxy.until('response', () => endpoint.requestsError + endpoint.requestsSuccess === 1);
    const before = endpoint.requestsError;
    proxy.advance(510);
    t.match(await proxy.ending(), { flags: 'UT' });
    t.equal(proxy.endpoint().requestsError, before);
    t.equal(proxy.cluster().stats.upstreamRqTimeout, timeouts);
    client.destroy();
  }
});

t.test('a request that waited for a connection all its time blames no endpoint', async (t) => {
  const silent = await scriptedOrigin(() => null);
  t.teardown(() => silent.stop());
  const base = clusterOf('origin', [silent.port]);
  const narrow = {
    ...base,
    circuitBreaker: { ...base.circuitBreaker, maxConnections: 1 },
    outlierDetection: outlierDetection({ consecutive5xx: 2 }),
  };
  const mirrors = [{ cluster: 'mirror', percentage: 1_000_000 }];
  const routes = [route('all', {}, forwardTo('origin', { timeoutMs: 500, mirrors }))];
  const clusters = [narrow, { ...narrow, name: 'mirror' }];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters, routes }), { manualTime: true });
  const exchanges = [1, 2, 3].map(() => proxy.send(getRequest('/', 'a')));
  const { breaker, stats } = proxy.cluster('mirror');
  const isWaiting = (): boolean => proxy.load['pending'] === 2 && breaker.pending === 2;
  await proxy.until('two waiting', isWaiting);
  await arrived(proxy, silent, 2);
  proxy.advance(510);
  for (const { status } of await Promise.all(exchanges)) t.equal(status, 504);
  t.equal(proxy.cluster().stats.upstreamRqTimeout, 3);
  t.equal(stats.upstreamRqTimeout, 3);
  t.equal(proxy.endpoint().ejected, false, 'one of three requests had reached it');
  t.equal(proxy.endpoint(0, 'mirror').ejected, false);
  t.same(proxy.load, noLoad);
});

t.test('back-off waits, and the route timeout does not wait for it', async (t) => {
  const policy = retryPolicy({ backoffBaseMs: 60_000, backoffMaxMs: 60_000, retryOn: ['5xx'] });
  const down = 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n';
  const { proxy } = await proxiedOrigin(t, () => down, {
    action: { retryPolicy: policy, timeoutMs: 1_000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('retry', () => proxy.load['retries'] === 1);
  proxy.advance(1_010);
  t.equal((await client.readResponse()).status, 504);
  t.match(await proxy.ending(), { flags: 'UT', attempts: 1 });
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('a head that does not end is answered with 408', async (t) => {
  const direct = route('direct', {}, { kind: 'direct-response', status: 200, body: null });
  const mesh = meshOf({ routes: [direct] });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  // Where the first is answered, the beginning of the second has been read too.
  client.write(`${getRequest('/', 'a')}GET / HTTP/1.1\r\nHo`);
  await client.readResponse();
  proxy.advance(60_010);
  const response = await client.readResponse();
  t.equal(response.status, 408);
  t.equal(headerValue(response.headers, 'connection'), 'close');
  t.match(await proxy.ending(2), { status: 408, details: 'request_header_timeout' });
  t.equal(proxy.listener.stats.downstreamRqHeaderTimeout, 1);
  client.destroy();
});

t.test('a pipelined head that does not end is answered with 408 too', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), { manualTime: true });
  const client = await proxy.connect();
  client.write(`${getRequest('/', 'a')}GET / HTTP/1.1\r\nHo`);
  await client.readResponse();
  proxy.advance(60_010);
  t.equal((await client.readResponse({ timeoutMs: 2_000 })).status, 408);
  client.destroy();
});

t.test('a connection without a request closes after the idle time', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    limits: { downstreamIdleMs: 5_000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await client.readResponse();
  proxy.advance(4_990);
  t.notOk(client.isClosed);
  proxy.advance(20);
  await client.closed;
  t.equal(proxy.listener.stats.downstreamCxIdleTimeout, 1);
  t.equal(proxy.ended.length, 1, 'no exchange is made up for it');
});

t.test('a stream without a byte ends with 408 while its request is open, else 504', async (t) => {
  for (const [request, status] of [
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na', 408],
    [getRequest('/', 'a'), 504],
  ] as const) {
    const { proxy, origin } = await proxiedOrigin(t, () => null, {
      limits: { streamIdleMs: 3_000 },
      manualTime: true,
    });
    const client = await proxy.connect();
    client.write(request);
    await proxy.until('head upstream', () => origin.origin.received().length > 0);
    proxy.advance(6_000);
    t.equal((await client.readResponse()).status, status);
    t.match(await proxy.ending(), { status, flags: 'SI', details: 'stream_idle_timeout' });
    t.same(proxy.load, noLoad);
    client.destroy();
  }
});

t.test('a delay by fault injection is as long as it says', async (t) => {
  const delay = { percentage: 1_000_000, fixedDelayMs: 700 };
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), {
    route: { fault: { delay, abort: null, inAttempt: false } },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(postRequest('/', 'the body'));
  await proxy.until('start', () => proxy.load['downstreamRequests'] === 1);
  proxy.advance(690);
  t.equal(origin.requests.length, 0);
  proxy.advance(10);
  t.equal((await client.readResponse()).status, 200);
  t.equal(origin.requests[0]?.body.toString(), 'the body');
  t.match(await proxy.ending(), { flags: 'DI' });
  client.destroy();
});

t.test('a client that leaves during a delay ends the exchange', async (t) => {
  const delay = { percentage: 1_000_000, fixedDelayMs: 700 };
  const mesh = meshOf({
    routes: [{ ...route('all'), fault: { delay, abort: null, inAttempt: false } }],
  });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('start', () => proxy.listener.stats.downstreamRqActive === 1);
  client.destroy();
  t.match(await proxy.ending(), { status: 0, flags: 'DI,DC' });
  proxy.advance(1_000);
  t.equal(proxy.ended.length, 1);
});

t.test('the time of a try begins when the request has been sent', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), {
    action: { retryPolicy: retryPolicy({ perTryTimeoutMs: 1_000 }) },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na');
  await proxy.until('head upstream', () => origin.origin.received().length > 0);
  proxy.advance(5_000);
  client.write('bc');
  t.equal((await client.readResponse()).status, 200);
  client.destroy();
});

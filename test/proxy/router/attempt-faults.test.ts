/** Faults within attempts: retries may mask them, timeouts count them, no endpoint is blamed. */

import t, { type Test } from 'tap';
import type { RetryPolicy } from '../../../src/model/retry-policy.ts';
import type { ForwardAction } from '../../../src/model/route.ts';
import type { FaultAbort, FaultDelay } from '../../../src/model/route-policy.ts';
import { outlierDetection } from '../../support/cluster-models.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import {
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
} from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok, type Script, scriptedOrigin } from '../../support/scripted-origin.ts';

const get = getRequest('/', 'a');
const always = 1_000_000;

const delay = (fixedDelayMs: number): FaultDelay => ({ percentage: always, fixedDelayMs });
const abort = (httpStatus: number, percentage = always): FaultAbort => ({
  percentage,
  httpStatus,
  grpcStatus: null,
});

interface FaultedOptions extends ProxiedOriginOptions {
  readonly delay?: FaultDelay;
  readonly abort?: FaultAbort;
  readonly retries?: Partial<RetryPolicy>;
  readonly timeoutMs?: number;
}

function faulted(t: Test, options: FaultedOptions, script: Script = () => ok('hello')) {
  const { retries, timeoutMs = 0 } = options;
  const action: Partial<ForwardAction> = {
    timeoutMs,
    retryPolicy: retries === undefined ? null : retryPolicy(retries),
  };
  const fault = { delay: options.delay ?? null, abort: options.abort ?? null, inAttempt: true };
  return proxiedOrigin(t, script, { ...options, action, route: { fault } });
}

/** Lets virtual time pass until the exchange has ended; how much that was, to 10 ms. */
async function timeOf(proxy: ProxyHarness, exchange: Promise<unknown>): Promise<number> {
  let over = false;
  void exchange.finally(() => {
    over = true;
  });
  let passed = 0;
  await proxy.until('end', () => {
    if (!over && proxy.ended.length === 0) {
      proxy.advance(10);
      passed += 10;
    }
    return proxy.ended.length > 0;
  });
  return passed;
}

t.test('an abort without retries answers like a fault before routing', async (t) => {
  const { proxy, origin } = await faulted(t, { abort: abort(503) });
  t.match(await proxy.send(get), { status: 503, body: Buffer.from('fault filter abort') });
  t.match(await proxy.ending(), {
    status: 503,
    flags: 'FI',
    details: 'fault_filter_abort',
    attempts: 1,
    info: { upstreamAddress: null, endpoint: null },
  });
  t.equal(origin.requests.length, 0);
  t.match(proxy.listener.stats, { faultAbortsInjected: 1, faultActive: 0, rqTotal: 1 });
});

t.test('retries mask aborts that they are asked to', async (t) => {
  const { proxy, origin } = await faulted(t, {
    abort: abort(503, 500_000),
    retries: { numRetries: 5 },
  });
  let attempts = 0;
  for (let i = 1; i <= 40; i++) {
    t.equal((await proxy.send(get)).status, 200);
    const ended = await proxy.ending(i);
    attempts += ended.attempts;
    t.match(ended, { status: 200, details: 'via_upstream' });
    t.equal(ended.flags, ended.attempts === 1 ? '-' : 'FI', 'a masked fault can be seen');
  }
  t.ok(attempts > 55 && attempts < 110, `${attempts} attempts for 40 requests`);
  t.equal(origin.requests.length, 40, 'no endpoint saw an aborted attempt');
  t.equal(proxy.listener.stats.faultAbortsInjected, attempts - 40);
  t.same(proxy.load, noLoad);
});

t.test('an abort that retries do not ask for is final', async (t) => {
  const { proxy } = await faulted(t, { abort: abort(404), retries: { numRetries: 3 } });
  t.equal((await proxy.send(get)).status, 404);
  t.match(await proxy.ending(), { status: 404, flags: 'FI', attempts: 1 });
});

t.test('retries run out', async (t) => {
  const { proxy, origin } = await faulted(t, { abort: abort(500), retries: { numRetries: 2 } });
  t.equal((await proxy.send(get)).status, 500);
  t.match(await proxy.ending(), {
    status: 500,
    flags: 'FI,URX',
    details: 'fault_filter_abort',
    attempts: 3,
  });
  t.equal(origin.requests.length, 0);
  t.equal(proxy.cluster().stats.upstreamRqRetryLimitExceeded, 1);
  t.same(proxy.load, noLoad);
});

t.test('gRPC aborts are retried by their status', async (t) => {
  const grpc = { percentage: 500_000, httpStatus: null, grpcStatus: 14 };
  const { proxy } = await faulted(t, {
    abort: grpc,
    retries: { numRetries: 9, retryOn: ['unavailable'] },
  });
  const request = getRequest('/', 'a', [['Content-Type', 'application/grpc']]);
  for (let i = 0; i < 10; i++) t.equal((await proxy.send(request)).status, 200);
  t.ok(proxy.ended.some(({ attempts }) => attempts > 1));
  t.notOk(proxy.ended.some(({ details }) => details === 'fault_filter_abort'));
});

t.test('a body that came before an abort is sent with the retry', async (t) => {
  const { proxy, origin } = await faulted(t, {
    abort: abort(503, 700_000),
    retries: { numRetries: 30 },
  });
  t.equal((await proxy.send(postRequest('/', 'some body'))).status, 200);
  t.equal(origin.requests[0]?.body.toString(), 'some body');
});

t.test('a delay that perTryTimeout allows leaves less of it to the endpoint', async (t) => {
  const retries = { numRetries: 0, perTryTimeoutMs: 500 };
  const { proxy, origin } = await faulted(
    t,
    { delay: delay(300), retries: { ...retries, numRetries: 1 }, manualTime: true },
    () => null,
  );
  const response = proxy.send(get);
  await proxy.until('delay', () => proxy.listener.stats.faultDelaysInjected === 1);
  t.equal(proxy.listener.stats.faultActive, 1);
  proxy.advance(290);
  t.equal(origin.requests.length, 0);
  proxy.advance(10);
  await proxy.until('attempt', () => origin.requests.length === 1);
  proxy.advance(190);
  t.equal(proxy.listener.stats.faultDelaysInjected, 1);
  proxy.advance(30);
  await proxy.until('second try', () => proxy.listener.stats.faultDelaysInjected === 2);
  proxy.advance(300);
  await proxy.until('second attempt', () => origin.requests.length === 2);
  proxy.advance(220);
  t.equal((await response).status, 504);
  t.match(await proxy.ending(), { flags: 'DI,URX,UT', attempts: 2 });
  t.equal(proxy.listener.stats.faultActive, 0);
});

t.test(
  'a delay beyond perTryTimeout is a try that timed out, and no endpoint is blamed',
  async (t) => {
    const { proxy, origin } = await faulted(t, {
      delay: delay(5_000),
      retries: { numRetries: 2, perTryTimeoutMs: 100 },
      manualTime: true,
    });
    const response = proxy.send(get);
    await proxy.until('delay', () => proxy.listener.stats.faultDelaysInjected === 1);
    const passed = await timeOf(proxy, response);
    t.ok(passed >= 300 && passed < 400, `${passed} ms for three tries`);
    t.equal((await response).status, 504);
    t.match(await proxy.ending(), {
      flags: 'DI,URX,UT',
      details: 'upstream_per_try_timeout',
      attempts: 3,
    });
    t.equal(origin.requests.length, 0);
    t.equal(proxy.cluster().stats.upstreamRqPerTryTimeout, 3);
    t.equal(proxy.endpoint().requestsTotal, 0);
    t.same(proxy.load, noLoad);
  },
);

t.test('the timeout of the route ends a delay', async (t) => {
  const { proxy, origin } = await faulted(t, {
    delay: delay(5_000),
    timeoutMs: 200,
    manualTime: true,
  });
  const response = proxy.send(get);
  await proxy.until('delay', () => proxy.listener.stats.faultDelaysInjected === 1);
  proxy.advance(220);
  t.equal((await response).status, 504);
  t.match(await proxy.ending(), { flags: 'DI,UT', details: 'response_timeout' });
  proxy.advance(10_000);
  t.equal(origin.requests.length, 0);
});

t.test('an abort may come after a delay', async (t) => {
  const { proxy } = await faulted(t, { delay: delay(100), abort: abort(418), manualTime: true });
  const response = proxy.send(get);
  await proxy.until('delay', () => proxy.listener.stats.faultDelaysInjected === 1);
  proxy.advance(100);
  t.equal((await response).status, 418);
  t.match(await proxy.ending(), { status: 418, flags: 'DI,FI' });
});

t.test('a client that leaves during a delay ends it', async (t) => {
  const { proxy, origin } = await faulted(t, { delay: delay(1_000), manualTime: true });
  const client = await proxy.connect();
  client.write(get);
  await proxy.until('delay', () => proxy.listener.stats.faultDelaysInjected === 1);
  client.reset();
  t.match(await proxy.ending(), { flags: 'DI,DC', status: 0 });
  proxy.advance(5_000);
  t.equal(origin.requests.length, 0);
  t.equal(proxy.listener.stats.faultActive, 0);
});

t.test('outlier detection does not hear of injected faults', async (t) => {
  const origin = await scriptedOrigin(() => ok('hello'));
  t.teardown(() => origin.stop());
  const cluster = clusterOf('origin', [origin.port], {
    outlierDetection: outlierDetection({ consecutive5xx: 1 }),
  });
  const fault = { delay: null, abort: abort(503, 500_000), inAttempt: true };
  const routes = [{ ...route('all', {}, forwardTo('origin')), fault }];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [cluster], routes }));
  const statuses = new Set<number>();
  for (let i = 0; i < 30; i++) statuses.add((await proxy.send(get)).status);
  t.same([...statuses].sort(), [200, 503]);
  t.equal(proxy.endpoint().ejected, false);
});

t.test('a route that does not forward keeps its fault before everything', async (t) => {
  const fault = { delay: null, abort: abort(503), inAttempt: true };
  const { proxy } = await proxiedOrigin(t, () => null, {
    route: { fault, action: { kind: 'direct-response', status: 200, body: null } },
  });
  t.equal((await proxy.send(get)).status, 503);
});

/** Istio's faults of a route, as Envoy injects them. */

import t, { type Test } from 'tap';
import type { FaultPolicy } from '../../../src/model/route-policy.ts';
import { headerValue } from '../../support/http-reader.ts';
import { retryPolicy } from '../../support/mesh-models.ts';
import {
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
} from '../../support/proxied-origin.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const get = getRequest('/', 'a');
const always = 1_000_000;

function faulted(t: Test, fault: Partial<FaultPolicy>, options: ProxiedOriginOptions = {}) {
  return proxiedOrigin(t, () => ok('hello'), {
    ...options,
    route: { fault: { delay: null, abort: null, inAttempt: false, ...fault } },
  });
}

const abort = { percentage: always, httpStatus: 503, grpcStatus: null };

t.test('an abort is drawn once, before retries', async (t) => {
  const action = { retryPolicy: retryPolicy({ numRetries: 5 }) };
  const half = { ...abort, percentage: 500_000 };
  const { proxy, origin } = await faulted(t, { abort: half }, { action });
  const statuses: number[] = [];
  for (let i = 0; i < 60; i++) statuses.push((await proxy.send(get)).status);
  const aborted = statuses.filter((status) => status === 503).length;
  t.ok(aborted > 15 && aborted < 45, `${aborted} of 60`);
  t.equal(origin.requests.length, 60 - aborted);
  t.notOk(proxy.ended.some(({ attempts }) => attempts > 1));
});

t.test('a delay is outside of the timeout', async (t) => {
  const { proxy } = await faulted(
    t,
    { delay: { percentage: always, fixedDelayMs: 5_000 } },
    { manualTime: true, action: { timeoutMs: 1_000 } },
  );
  const response = proxy.send(get);
  await proxy.until('delay', () => proxy.listener.stats.faultActive === 1);
  proxy.advance(5_000);
  const { status, headers } = await response;
  t.equal(status, 200);
  t.equal(headerValue(headers, 'x-envoy-upstream-service-time'), '0', 'nor is it the endpoint’s');
  t.match(await proxy.ending(), { status: 200, flags: 'DI' });
});

t.test('an abort is drawn after the delay, independently', async (t) => {
  const delay = { percentage: 500_000, fixedDelayMs: 1 };
  const { proxy } = await faulted(t, { delay, abort: { ...abort, percentage: 500_000 } });
  const seen = new Set<string>();
  for (let i = 1; i <= 60; i++) {
    await proxy.send(get);
    seen.add((await proxy.ending(i)).flags);
  }
  t.same([...seen].sort(), ['-', 'DI', 'DI,FI', 'FI']);
  t.equal(proxy.listener.stats.faultActive, 0);
});

t.test('a client cannot ask for faults: Istio does not enable the headers for it', async (t) => {
  const { proxy } = await faulted(t, { abort: { ...abort, percentage: 1 } });
  const response = await proxy.send(
    getRequest('/', 'a', [
      ['x-envoy-fault-abort-request', '503'],
      ['x-envoy-fault-abort-request-percentage', '100'],
      ['x-envoy-fault-delay-request', '60000'],
      ['x-envoy-fault-throughput-response', '1'],
    ]),
  );
  t.equal(response.status, 200);
  t.match(await proxy.ending(), { flags: '-' });
});

t.test('the body of a delayed request is read only so far', async (t) => {
  const { proxy, origin } = await faulted(
    t,
    { delay: { percentage: always, fixedDelayMs: 1_000 } },
    { manualTime: true, limits: { streamBufferBytes: 100_000 } },
  );
  const body = 'x'.repeat(3_000_000);
  const client = await proxy.connect();
  client.write(postRequest('/', body));
  await proxy.until('delay', () => proxy.listener.stats.faultActive === 1);
  let last = -1;
  await proxy.until('standstill', () => {
    const read = proxy.listener.stats.downstreamCxRxBytesTotal;
    const stands = read === last && read > 100_000;
    last = read;
    return stands;
  });
  t.ok(last < 1_000_000, `${last} bytes were read`);
  proxy.advance(1_000);
  t.equal((await client.readResponse()).status, 200);
  t.equal(origin.requests[0]?.body.length, body.length);
  client.destroy();
});

t.test('there is no limit on faults at one time', async (t) => {
  const { proxy } = await faulted(
    t,
    { delay: { percentage: always, fixedDelayMs: 1_000 }, abort },
    { manualTime: true },
  );
  const responses = Array.from({ length: 50 }, () => proxy.send(get));
  await proxy.until('delays', () => proxy.listener.stats.faultActive === 50);
  proxy.advance(1_000);
  for (const { status } of await Promise.all(responses)) t.equal(status, 503);
  t.match(proxy.listener.stats, {
    faultActive: 0,
    faultDelaysInjected: 50,
    faultAbortsInjected: 50,
  });
});

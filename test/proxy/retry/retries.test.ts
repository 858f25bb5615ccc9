/** Retries through a real proxy: what is tried again, with which body, and what is told of it. */

import t from 'tap';
import type { RetryPolicy } from '../../../src/model/retry-policy.ts';
import { headerValue, type ReadRequest } from '../../support/http-reader.ts';
import { retryPolicy } from '../../support/mesh-models.ts';
import type { OriginConnection } from '../../support/origin.ts';
import { postRequest, proxiedOrigin, refusingPort } from '../../support/proxied-origin.ts';
import { noLoad } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const unavailable = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\ndown';

/** For scripts that act on the socket and send nothing more. */
function acted(_result: unknown): null {
  return null;
}

function retrying(changes: Partial<RetryPolicy> = {}) {
  return { action: { retryPolicy: retryPolicy(changes) } };
}

/** Does `first` with the first request, and answers the others. */
function failOnce(first: (connection: OriginConnection) => string | null) {
  let count = 0;
  return (request: ReadRequest, connection: OriginConnection): string | null => {
    count++;
    return count === 1 ? first(connection) : ok(request.body.toString('latin1') || 'hello');
  };
}

const failures: readonly (readonly [name: string, fail: (c: OriginConnection) => string | null])[] =
  [
    ['a retriable status', () => unavailable],
    ['a close', ({ socket }) => acted(socket.end())],
    ['a reset', ({ socket }) => acted(socket.resetAndDestroy())],
    ['a close within the head', ({ socket }) => acted(socket.end('HTTP/1.1 200'))],
    ['no HTTP', () => 'SSH-2.0-x\r\n\r\n'],
  ];

t.test('each kind of failure is tried again, with the whole body', async (t) => {
  for (const [name, fail] of failures) {
    const { proxy, origin } = await proxiedOrigin(t, failOnce(fail), retrying());
    const response = await proxy.send(postRequest('/', 'the body'));
    t.equal(response.status, 200, name);
    t.equal(response.body.toString(), 'the body', `${name}: body`);
    t.equal(origin.requests.length, 2, `${name}: requests`);
    t.match(await proxy.ending(), {
      status: 200,
      flags: '-',
      details: 'via_upstream',
      attempts: 2,
    });
    await proxy.until('rest', () => proxy.load['endpointRequests'] === 0);
    t.same(proxy.load, noLoad, `${name}: nothing is left`);
  }
});

t.test('behind an interim response nothing is tried again', async (t) => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';
  const { proxy, origin } = await proxiedOrigin(t, () => hints + unavailable, retrying());
  const response = await proxy.send(getRequest('/', 'a'));
  t.same([response.status, response.interim], [503, [103]]);
  t.equal(origin.requests.length, 1);
  t.match(await proxy.ending(), { flags: '-', details: 'via_upstream' });
});

t.test('what ends behind an interim response had begun to answer', async (t) => {
  const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n';
  const close = ({ socket }: OriginConnection): null => acted(socket.end(hints));
  const { proxy, origin } = await proxiedOrigin(t, failOnce(close), retrying());
  const response = await proxy.send(getRequest('/', 'a'));
  t.same([response.status, response.interim], [503, [103]]);
  t.equal(origin.requests.length, 1);
  t.match(await proxy.ending(), {
    flags: 'UC',
    details: 'upstream_reset_after_response_started{connection_termination}',
  });
});

t.test('a refused connection is tried at another endpoint', async (t) => {
  const before = [await refusingPort()];
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    before,
    ...retrying({ retryOn: ['connect-failure'] }),
  });
  t.equal((await proxy.send(postRequest('/', 'the body'))).status, 200);
  t.match(await proxy.ending(), { attempts: 2, flags: '-' });
  t.equal(proxy.endpoint(0).connectFailures, 1);
  t.same(proxy.load, noLoad);
});

t.test('a chunked body is replayed', async (t) => {
  const { proxy, origin } = await proxiedOrigin(
    t,
    failOnce(() => unavailable),
    retrying(),
  );
  const chunks = '3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n';
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  t.equal((await proxy.send(head + chunks)).status, 200);
  for (const request of origin.requests) {
    t.equal(request.body.toString(), 'abcdefgh');
  }
});

t.test('attempts are numbered', async (t) => {
  const { proxy, origin } = await proxiedOrigin(
    t,
    failOnce(() => unavailable),
    retrying(),
  );
  await proxy.send(getRequest('/', 'a'));
  const numbers = origin.requests.map(({ headers }) =>
    headerValue(headers, 'x-envoy-attempt-count'),
  );
  t.same(numbers, ['1', '2']);
});

for (const [what, request, method] of [
  ['', getRequest('/', 'a'), 'GET'],
  [
    ' of a request with a body',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi',
    'POST',
  ],
] as const) {
  t.test(`when tries run out${what} the last response goes down`, async (t) => {
    const policy = retrying({ numRetries: 2 });
    const { proxy, origin } = await proxiedOrigin(t, () => unavailable, policy);
    const response = await proxy.send(request, method);
    t.equal(response.status, 503);
    t.equal(response.body.toString(), 'down');
    t.equal(origin.requests.length, 3);
    t.match(await proxy.ending(), { flags: 'URX', details: 'via_upstream', attempts: 3 });
    t.equal(proxy.cluster().stats.upstreamRqRetryLimitExceeded, 1);
    t.same(proxy.load, noLoad);
  });
}

t.test('when tries run out without a response the proxy answers', async (t) => {
  const { proxy } = await proxiedOrigin(
    t,
    (_request, { socket }) => acted(socket.end()),
    retrying({ numRetries: 1 }),
  );
  const response = await proxy.send(getRequest('/', 'a'));
  t.equal(response.status, 503);
  t.match(response.body.toString(), /retried and the latest reset reason: connection termination/);
  t.match(await proxy.ending(), { flags: 'URX,UC', attempts: 2 });
  t.same(proxy.load, noLoad);
});

t.test('what the policy does not name is not tried again', async (t) => {
  const { proxy, origin } = await proxiedOrigin(
    t,
    () => unavailable,
    retrying({ retryOn: ['connect-failure', 'reset'] }),
  );
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 503);
  t.equal(origin.requests.length, 1);
  t.match(await proxy.ending(), { flags: '-', attempts: 1 });
});

t.test('retries under way are limited over the cluster', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => unavailable, {
    ...retrying(),
    breaker: { maxRetries: 0 },
  });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 503);
  t.equal(origin.requests.length, 1);
  t.match(await proxy.ending(), { flags: 'UO', details: 'via_upstream', attempts: 1 });
  t.equal(proxy.cluster().stats.upstreamRqRetryOverflow, 1);
});

t.test('a retry budget allows its least number of retries', async (t) => {
  for (const [minRetryConcurrency, requests] of [
    [0, 1],
    [1, 3],
  ] as const) {
    const { proxy, origin } = await proxiedOrigin(t, () => unavailable, {
      ...retrying({ numRetries: 2 }),
      breaker: { retryBudget: { percent: 0, minRetryConcurrency } },
    });
    await proxy.send(getRequest('/', 'a'));
    t.equal(origin.requests.length, requests, `at least ${minRetryConcurrency}`);
    t.same(proxy.load, noLoad);
  }
});

t.test('a body that is too large to keep is sent once', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => unavailable, {
    ...retrying(),
    limits: { retryBufferBytes: 100 },
  });
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n');
  await proxy.until('head upstream', () => origin.origin.received().includes('\r\n\r\n'));
  client.write('x'.repeat(200));
  t.equal((await client.readResponse()).status, 503);
  t.equal(origin.requests.length, 1);
  t.equal(origin.requests[0]?.body.length, 200);
  client.destroy();
});

t.test('a response that has begun is not tried again', async (t) => {
  const { proxy, origin } = await proxiedOrigin(
    t,
    (_request, { socket }) =>
      acted(socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
    retrying({ retryOn: ['5xx', 'reset', 'gateway-error'] }),
  );
  const response = await proxy.send(getRequest('/', 'a'));
  t.ok(response.truncated);
  t.equal(origin.requests.length, 1);
  const { flags, details } = await proxy.ending();
  t.match(details, /^upstream_reset_after_response_started\{/);
  t.match(flags, /^U/);
  t.same(proxy.load, noLoad);
});

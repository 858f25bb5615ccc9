/** What retries leave behind: counts, records, what is kept, and what the next try is told. */

import t from 'tap';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { Origin } from '../../support/origin.ts';
import { postRequest, proxiedOrigin, refusingPort } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok } from '../../support/scripted-origin.ts';

t.test('a failed response that does not end is not waited for', async (t) => {
  let count = 0;
  const stalled = 'HTTP/1.1 503 X\r\nContent-Length: 10\r\n\r\nabc';
  const script = (): string => (++count === 1 ? stalled : ok('hello'));
  const { proxy } = await proxiedOrigin(t, script, {
    action: { retryPolicy: retryPolicy() },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('retry', () => proxy.load['retries'] === 1);
  proxy.advance(1);
  t.equal((await client.readResponse()).status, 200);
  proxy.advance(60_000);
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('a failed response whose body is late leaves its place to the retry', async (t) => {
  let count = 0;
  const stalled = 'HTTP/1.1 503 X\r\nContent-Length: 5\r\n\r\n';
  const { proxy, origin } = await proxiedOrigin(t, () => (++count === 1 ? stalled : ok('hello')), {
    action: { retryPolicy: retryPolicy() },
    breaker: { maxRequests: 1 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('retry', () => proxy.load['retries'] === 1);
  t.match(proxy.load, { requests: 0, endpointRequests: 0 }, 'between the tries');
  proxy.advance(1);
  t.equal((await client.readResponse()).status, 200);
  t.equal(origin.origin.connections.length, 2, 'the rest of the first is still read');
  proxy.advance(60_000);
  t.same(proxy.load, noLoad, 'nothing is given back twice');
  client.destroy();
});

t.test('a failure that a retry mended is not recorded as the outcome', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    before: [await refusingPort()],
    action: { retryPolicy: retryPolicy({ retryOn: ['connect-failure'] }) },
  });
  for (let i = 0; i < 2; i++) await proxy.send(getRequest('/', 'a'));
  t.same(
    proxy.ended.map(({ info }) => info.upstreamTransportFailure),
    [null, null],
  );
});

t.test('a retry before the end of the request has the whole time', async (t) => {
  let heads = 0;
  const origin = await Origin.start(({ socket }) => {
    if (++heads === 1) socket.end('HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n');
  });
  t.teardown(() => origin.stop());
  const action = { timeoutMs: 9_000, retryPolicy: retryPolicy() };
  const routes = [route('all', {}, forwardTo('origin', action))];
  const mesh = meshOf({ clusters: [clusterOf('origin', [origin.port])], routes });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  proxy.advance(100_000);
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na');
  await proxy.until('failure', () => proxy.load['retries'] === 1);
  proxy.advance(1);
  await proxy.until('retry', () => (origin.connections[1]?.received().length ?? 0) > 0);
  const second = origin.connections[1]?.received().toString() ?? '';
  t.match(second, 'x-envoy-expected-rq-timeout-ms: 9000\r\n');
  client.destroy();
});

t.test('a body over the limit is not kept, whenever it came', async (t) => {
  const down = 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n';
  const { proxy, origin } = await proxiedOrigin(t, () => down, {
    limits: { retryBufferBytes: 10 },
    action: { retryPolicy: retryPolicy() },
  });
  t.equal((await proxy.send(postRequest('/', 'x'.repeat(1_000)))).status, 503);
  t.equal(origin.requests.length, 1);
  t.match(await proxy.ending(), { flags: '-', attempts: 1 });
});

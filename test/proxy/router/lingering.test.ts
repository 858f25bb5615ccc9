/** What becomes of messages that nobody waits for any more, at the limits of each. */

import t from 'tap';
import type { Limits } from '../../../src/model/limits.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { Origin } from '../../support/origin.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

t.test('as many 1xx responses pass as may be, and one more is an error', async (t) => {
  for (const [count, status] of [
    [3, 200],
    [4, 502],
  ] as const) {
    const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(count);
    const { proxy } = await proxiedOrigin(t, () => interim + ok('hello'), {
      limits: { informationalCount: 3 },
    });
    const response = await proxy.send(getRequest('/', 'a'));
    t.equal(response.status, status);
    t.same(response.interim, [103, 103, 103], 'those before the limit have passed');
    t.match(await proxy.ending(), status === 200 ? { flags: '-' } : { flags: 'UPE' });
    t.same(proxy.load, noLoad);
  }
});

/** The first answer is a 503 with `body`, which is tried again; how many connections were closed. */
async function closedByDiscarding(
  t: Parameters<typeof proxiedOrigin>[0],
  body: string,
  limits: Partial<Limits>,
): Promise<number> {
  let count = 0;
  const failed = ok(body).replace('200 OK', '503 X');
  const { proxy } = await proxiedOrigin(t, () => (++count === 1 ? failed : ok('hello')), {
    limits,
    action: { retryPolicy: retryPolicy() },
  });
  // The retry has its own connection where the discarded one is not there in time.
  for (let i = 0; i < 3; i++) t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  t.same(proxy.load, noLoad);
  return proxy.cluster().stats.upstreamCxDestroyLocal;
}

t.test('a response that is not wanted is read up to the limit', async (t) => {
  const limits = { discardBytes: 1000 };
  t.equal(await closedByDiscarding(t, 'x'.repeat(1000), limits), 0, 'its connection stays');
  t.equal(await closedByDiscarding(t, 'x'.repeat(1001), limits), 1, 'or is closed');
});

t.test('a response that is not wanted is read for a time', async (t) => {
  let count = 0;
  const stalled = 'HTTP/1.1 503 X\r\nContent-Length: 10\r\n\r\nabc';
  const { proxy } = await proxiedOrigin(t, () => (++count === 1 ? stalled : ok('hello')), {
    limits: { discardMs: 2_000 },
    action: { retryPolicy: retryPolicy() },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('retry', () => proxy.load['retries'] === 1);
  proxy.advance(1);
  t.equal((await client.readResponse()).status, 200);
  proxy.advance(1_980);
  t.equal(proxy.cluster().breaker.connections, 2);
  proxy.advance(30);
  await proxy.until('close', () => proxy.cluster().breaker.connections === 1);
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('a client that has its last response is read on for a moment', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    limits: { closeLingerMs: 3_000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.socket.allowHalfOpen = true;
  client.write(getRequest('/', 'a', [['Connection', 'close']]));
  t.equal((await client.readResponse()).status, 200);
  proxy.advance(2_980);
  t.equal(proxy.listener.openConnections, 1);
  proxy.advance(30);
  await proxy.until('close', () => proxy.listener.openConnections === 0);
  client.destroy();
});

t.test('a client that takes nothing of its last response is cut off', async (t) => {
  const length = 16 * 1024 * 1024;
  const origin = await Origin.start(({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
    socket.write(Buffer.alloc(length));
  });
  t.teardown(() => origin.stop());
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    limits: { streamBufferBytes: 2 * length, slowReaderMs: 10_000, closeLingerMs: 1_000 },
  });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.socket.pause();
  client.write(getRequest('/', 'a', [['Connection', 'close']]));
  await proxy.ending();
  for (let second = 0; second < 9; second++) proxy.advance(1_000);
  t.equal(proxy.listener.openConnections, 1);
  for (let second = 0; second < 4; second++) proxy.advance(1_000);
  await proxy.until('cut', () => proxy.listener.openConnections === 0);
  client.destroy();
});

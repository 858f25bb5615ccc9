/** Toxics that slow down hold the other side back: memory stays bounded, nothing is lost. */

import t from 'tap';
import type { ToxicEffect } from '../../../src/model/toxic.ts';
import { countingOrigin } from '../../support/counting-origin.ts';
import { eventually } from '../../support/deadline.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { drainInto, pour, pouringOrigin, standstill } from '../../support/pouring.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok, scriptedOrigin } from '../../support/scripted-origin.ts';
import { toxicOf } from '../../support/toxic-models.ts';

const megabyte = 1024 * 1024;

function poisonedMesh(port: number, effects: readonly ToxicEffect[]) {
  return meshOf({
    clusters: [clusterOf('origin', [port])],
    routes: [{ ...route('all', {}, forwardTo('origin')), toxics: [toxicOf(effects)] }],
  });
}

t.test('100 MB at a limited bandwidth: the origin is held back all the time', async (t) => {
  const length = 100 * megabyte;
  const origin = await pouringOrigin(t, length);
  const mesh = poisonedMesh(origin.port, [
    { kind: 'bandwidth-limit', bytesPerSecond: 10 * megabyte },
  ]);
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  const bytes = drainInto(client);
  client.write(getRequest('/', 'a'));
  await proxy.until('begin', () => proxy.listener.stats.toxicBandwidthLimit === 1);
  let ahead = 0;
  let ms = 0;
  await eventually('end', { within: 25_000, every: 1 }, () => {
    proxy.advance(20);
    ms += 20;
    ahead = Math.max(ahead, origin.taken() - bytes());
    return proxy.ended.length > 0;
  });
  t.ok(ms >= 9_950, `it took ${ms} ms`);
  await proxy.until('all of it', () => bytes() > length);
  t.match(await proxy.ending(), { status: 200, flags: 'DI', sent: length });
  // One limit of the proxy's, and what the kernel buffers between three sockets.
  t.ok(ahead < 20 * megabyte, `${(ahead / megabyte).toFixed(1)} MB were on the way at most`);
  client.destroy();
});

t.test('a response that is held back holds its origin back', async (t) => {
  const length = 100 * megabyte;
  const origin = await pouringOrigin(t, length);
  const latency: ToxicEffect = {
    kind: 'first-byte-latency',
    distribution: { kind: 'fixed', fixedMs: 60_000 },
  };
  const proxy = await ProxyHarness.start(t, poisonedMesh(origin.port, [latency]), {
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  const taken = await standstill(proxy, origin.taken);
  t.ok(taken < 20 * megabyte, `${(taken / megabyte).toFixed(1)} MB were taken`);
  client.reset();
  t.match(await proxy.ending(), { flags: 'DI,DC', status: 0 });
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
});

t.test('a slow upload holds its client back', async (t) => {
  const length = 100 * megabyte;
  const origin = await countingOrigin(length);
  t.teardown(() => origin.stop());
  const mesh = poisonedMesh(origin.port, [{ kind: 'slow-upload', bytesPerSecond: 10 * megabyte }]);
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
  const taken = pour(client.socket, length);
  await proxy.until('begin', () => origin.socket !== null);
  let ahead = 0;
  let ms = 0;
  await eventually('end', { within: 25_000, every: 1 }, () => {
    proxy.advance(20);
    ms += 20;
    ahead = Math.max(ahead, taken() - origin.bodyBytes);
    return origin.bodyBytes === length;
  });
  t.ok(ms >= 9_950, `it took ${ms} ms`);
  t.equal((await client.readResponse()).status, 200);
  t.equal(origin.bodyBytes, length);
  t.ok(ahead < 20 * megabyte, `${(ahead / megabyte).toFixed(1)} MB were on the way at most`);
  t.match(await proxy.ending(), { status: 200, received: length });
  client.destroy();
});

t.test('an origin that stops taking stops a slow upload too', async (t) => {
  const length = 100 * megabyte;
  const origin = await countingOrigin(length);
  t.teardown(() => origin.stop());
  const mesh = poisonedMesh(origin.port, [
    { kind: 'slow-upload', bytesPerSecond: 1000 * megabyte },
  ]);
  const proxy = await ProxyHarness.start(t, mesh);
  const client = await proxy.connect();
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
  await proxy.until('connection', () => origin.socket !== null);
  origin.socket?.pause();
  const taken = pour(client.socket, length);
  let last = -1;
  let same = 0;
  await proxy.until('standstill', () => {
    same = taken() === last && last > 0 ? same + 1 : 0;
    last = taken();
    return same > 50;
  });
  t.ok(last < 20 * megabyte, `${(last / megabyte).toFixed(1)} MB were taken`);
  origin.socket?.resume();
  t.equal((await client.readResponse()).status, 200);
  t.equal(origin.bodyBytes, length);
  client.destroy();
});

t.test('a slow upload is kept for a retry, and its mirror gets it too', async (t) => {
  const mirror = await scriptedOrigin(() => ok('mirror'));
  t.teardown(() => mirror.stop());
  let answers = 0;
  const slow: ToxicEffect = { kind: 'slow-upload', bytesPerSecond: 1_000 };
  const { proxy, origin } = await proxiedOrigin(
    t,
    () => (++answers === 1 ? 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' : ok('hello')),
    {
      manualTime: true,
      route: { toxics: [toxicOf([slow])] },
      clusters: [clusterOf('mirror', [mirror.port])],
      action: {
        retryPolicy: retryPolicy({ numRetries: 1, avoidPreviousHosts: false }),
        mirrors: [{ cluster: 'mirror', percentage: 1_000_000 }],
      },
    },
  );
  const body = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join('');
  const response = proxy.send(postRequest('/', body));
  await proxy.until('begin', () => proxy.load['requests'] === 1);
  const steps = async (): Promise<void> => {
    await proxy.until('end', () => {
      if (proxy.ended.length === 0) proxy.advance(50);
      return proxy.ended.length > 0;
    });
  };
  await steps();
  t.match(await response, { status: 200, body: Buffer.from('hello') });
  t.same(
    origin.requests.map((request) => request.body.toString()),
    [body, body],
  );
  await proxy.until('mirror', () => mirror.requests.length === 1);
  t.equal(mirror.requests[0]?.body.toString(), body);
  t.match(await proxy.ending(), { attempts: 2, flags: 'DI' });
  t.same(proxy.load, noLoad);
});

t.test('nothing is left in the wheel by those who have gone', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('x'.repeat(500_000), 'Connection: close\r\n'), {
    manualTime: true,
    route: {
      toxics: [
        toxicOf([
          { kind: 'bandwidth-limit', bytesPerSecond: 1 },
          { kind: 'slow-upload', bytesPerSecond: 1 },
        ]),
      ],
    },
  });
  const clients = await Promise.all(Array.from({ length: 20 }, () => proxy.connect()));
  for (const [index, client] of clients.entries()) {
    client.write(index % 2 === 0 ? getRequest('/', 'a') : postRequest('/', 'x'.repeat(1_000)));
  }
  await proxy.until('all', () => proxy.listener.stats.downstreamRqActive === 20);
  await proxy.until('slow', () => proxy.listener.stats.toxicBandwidthLimit === 10);
  for (const client of clients) client.reset();
  await proxy.until('end', () => proxy.ended.length === 20);
  t.same(proxy.load, noLoad);
  await proxy.until('close', () => proxy.cluster().breaker.connections === 0);
  t.equal(proxy.context.wheel.size, 0);
});

// Copies of WebSockets: they get what the client sends, and nothing that they say or do matters.

import t, { type Test } from 'tap';
import type { Limits } from '../../../src/model/limits.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import { Origin, type OriginHandler } from '../../support/origin.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest, type RawConnection } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';

const accepted =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

const accept: OriginHandler = ({ socket }, data) => {
  if (data.toString('latin1', 0, 4) === 'GET ') socket.write(`${accepted}hello`);
};

interface Started {
  readonly proxy: ProxyHarness;
  readonly origin: Origin;
  readonly mirror: Origin;
  /** Of a tunnel that the other endpoint has granted. */
  readonly client: RawConnection;
}

async function start(
  t: Test,
  handler: OriginHandler = accept,
  limits: Partial<Limits> = {},
): Promise<Started> {
  const [origin, mirror] = [await Origin.start(accept), await Origin.start(handler)];
  t.teardown(() => Promise.all([origin.stop(), mirror.stop()]));
  const clusters = [clusterOf('origin', [origin.port]), clusterOf('mirror', [mirror.port])];
  const mirrors = [{ cluster: 'mirror', percentage: 1_000_000 }];
  const routes = [route('all', {}, forwardTo('origin', { mirrors }))];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters, routes, limits }));
  const client = await proxy.connect();
  const upgrade = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ] as const;
  client.write(getRequest('/chat', 'a', upgrade));
  t.equal((await client.readResponse()).status, 101);
  t.equal((await client.readBytes(5)).toString(), 'hello');
  await proxy.until('copy', () => mirror.received().includes('GET /chat'));
  return { proxy, origin, mirror, client };
}

function tunnelled(mirror: Origin): string {
  return mirror.received().toString().split('\r\n\r\n')[1] ?? '';
}

t.test('a copy gets the bytes of the client, and ends with its tunnel', async (t) => {
  const { proxy, mirror, client } = await start(t);
  client.write('ping');
  await proxy.until('bytes', () => tunnelled(mirror) === 'ping');
  client.write('pong');
  client.destroy();
  await proxy.until('end', () => proxy.cluster('mirror').breaker.connections === 0);
  t.equal(tunnelled(mirror), 'pingpong');
  t.equal(proxy.endpoint(0, 'mirror').activeRequests, 0);
});

t.test('what comes before the copy has switched waits for it, after the client too', async (t) => {
  const { proxy, origin, mirror, client } = await start(t, () => undefined);
  client.write('early');
  await proxy.until('passed', () => tunnelled(origin) === 'early');
  client.destroy();
  await proxy.ending();
  t.equal(tunnelled(mirror), '');
  mirror.connections[0]?.socket.write(accepted);
  await proxy.until('bytes', () => tunnelled(mirror) === 'early');
  await proxy.until('end', () => proxy.cluster('mirror').breaker.connections === 0);
});

t.test('a copy that ends leaves the tunnel alone', async (t) => {
  const { proxy, mirror, client } = await start(t);
  mirror.connections[0]?.socket.end();
  await proxy.until('end', () => proxy.cluster('mirror').breaker.connections === 0);
  client.write('on');
  t.equal(proxy.ended.length, 0);
  client.destroy();
  await proxy.ending();
  t.match(proxy.ended[0], { status: 101 });
});

t.test('more waits for a copy than for a client', async (t) => {
  const limits = { streamBufferBytes: 1_000 };
  const { proxy, origin, mirror, client } = await start(t, () => undefined, limits);
  client.write('x'.repeat(2_000));
  await proxy.until('passed', () => tunnelled(origin).length === 2_000);
  mirror.connections[0]?.socket.write(accepted);
  await proxy.until('copied', () => tunnelled(mirror).length === 2_000);
  client.destroy();
  await proxy.ending();
});

t.test('a copy that does not switch in time to take the bytes is given up', async (t) => {
  const { proxy, client } = await start(t, () => undefined, { mirrorBufferBytes: 1_000 });
  client.write('x'.repeat(2_000));
  await proxy.until('end', () => proxy.cluster('mirror').breaker.connections === 0);
  t.equal(proxy.ended.length, 0);
  client.destroy();
});

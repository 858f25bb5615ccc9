/** Slow readers: the fast side waits for them, memory stays bounded, and nothing is lost. */

import t, { type Test } from 'tap';
import type { Limits } from '../../../src/model/limits.ts';
import { countingOrigin } from '../../support/counting-origin.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import { drainInto, pour, pouringOrigin, standstill } from '../../support/pouring.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { route } from '../../support/route-models.ts';
import { ok } from '../../support/scripted-origin.ts';

const length = 48 * 1024 * 1024;

t.test('a slow client holds the origin back', async (t) => {
  const origin = await pouringOrigin(t, length);
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', [origin.port])] }),
  );
  const client = await proxy.connect();
  client.socket.pause();
  client.write(getRequest('/', 'a'));
  const written = await standstill(proxy, origin.taken);
  t.ok(written < length, `${written} of ${length} bytes were taken`);
  const bytes = drainInto(client);
  client.socket.resume();
  await proxy.until('whole body', () => bytes() > length);
  t.match(await proxy.ending(), { status: 200, flags: '-', sent: length });
  client.destroy();
});

t.test('a slow origin holds the client back', async (t) => {
  const origin = await countingOrigin(length);
  t.teardown(() => origin.stop());
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', [origin.port])] }),
  );
  const client = await proxy.connect();
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
  await proxy.until('connection', () => origin.socket !== null);
  origin.socket?.pause();
  const taken = pour(client.socket, length);
  const written = await standstill(proxy, taken);
  t.ok(written < length, `${written} of ${length} bytes were taken`);
  origin.socket?.resume();
  t.equal((await client.readResponse()).status, 200);
  t.equal(origin.bodyBytes, length);
  t.match(await proxy.ending(), { status: 200, flags: '-', received: length });
  client.destroy();
});

t.test('a client that resets while its body waits is seen when the wait is over', async (t) => {
  for (const goesOn of [true, false]) {
    const origin = await countingOrigin(length);
    t.teardown(() => origin.stop());
    const mesh = meshOf({
      clusters: [clusterOf('origin', [origin.port])],
      limits: { streamIdleMs: 30_000 },
    });
    const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
    const client = await proxy.connect();
    client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
    await proxy.until('connection', () => origin.socket !== null);
    origin.socket?.pause();
    const taken = pour(client.socket, length);
    await standstill(proxy, taken);
    client.socket.resetAndDestroy();
    if (goesOn) origin.socket?.resume();
    else proxy.advance(30_010);
    t.match(await proxy.ending(), { flags: goesOn ? 'DC' : 'SI' });
    t.equal(proxy.cluster().breaker.requests, 0);
  }
});

t.test('a slow client that leaves frees the origin', async (t) => {
  const origin = await pouringOrigin(t, length);
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', [origin.port])] }),
  );
  const client = await proxy.connect();
  client.socket.pause();
  client.write(getRequest('/', 'a'));
  await standstill(proxy, origin.taken);
  client.reset();
  t.match(await proxy.ending(), { flags: 'DC' });
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
});

t.test('requests behind one that is answered are read only so far', async (t) => {
  const origin = await countingOrigin(0);
  t.teardown(() => origin.stop());
  const limits = { pipelineBufferBytes: 64 * 1024 };
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', [origin.port])], limits }),
  );
  const client = await proxy.connect();
  // The origin answers empty bodies at once; this one never comes to its end.
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx');
  await proxy.until('body', () => origin.bodyBytes === 1);
  const taken = pour(client.socket, length);
  const written = await standstill(proxy, taken);
  t.ok(written < length, `${written} of ${length} bytes were taken`);
  origin.socket?.destroy();
  t.match(await proxy.ending(), { status: 503, flags: 'UC' });
  client.destroy();
});

t.test('the smallest buffer limit stalls nothing', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('x'.repeat(12_000)), {
    limits: { streamBufferBytes: 1_000 },
  });
  for (let i = 0; i < 3; i++) {
    const response = await proxy.send(postRequest('/', 'y'.repeat(50_000)));
    t.equal(response.body.length, 12_000);
  }
});

t.test('a slow client gets the whole of a last response', async (t) => {
  const origin = await pouringOrigin(t, length);
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    limits: { streamBufferBytes: 2 * length },
  });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.socket.pause();
  client.write(getRequest('/', 'a', [['Connection', 'close']]));
  await proxy.ending();
  proxy.advance(1_500);
  const bytes = drainInto(client);
  client.socket.resume();
  await proxy.until('whole body', () => bytes() > length);
  t.pass('it was not cut off');
  client.destroy();
});

/** Pipelines more than the system takes of the answers: 16 MB, to 70 kB. */
async function pipelineTooMuch(t: Test, limits: Partial<Limits>) {
  const responseHeaders = { set: [{ name: 'x-large', value: large }], add: [], remove: [] };
  const empty = { kind: 'direct-response', status: 204, body: null } as const;
  const routes = [{ ...route('empty', {}, empty), responseHeaders }];
  const mesh = meshOf({ limits: { streamBufferBytes: 64 * 1024, ...limits }, routes });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.socket.pause();
  client.write(getRequest('/', 'a').repeat(pipelined));
  return { proxy, client };
}

const pipelined = 1_000;
const large = 'y'.repeat(16_000);

t.test('requests that are pipelined wait until the client reads', async (t) => {
  const { proxy, client } = await pipelineTooMuch(t, {});
  await standstill(proxy, () => proxy.ended.length);
  t.ok(proxy.ended.length < pipelined, `${proxy.ended.length} were answered`);
  drainInto(client);
  client.socket.resume();
  await proxy.ending(pipelined);
  client.destroy();
});

t.test('a client that never reads what it has pipelined is cut off', async (t) => {
  const { proxy, client } = await pipelineTooMuch(t, { slowReaderMs: 10_000 });
  await standstill(proxy, () => proxy.ended.length);
  proxy.advance(9_000);
  t.equal(proxy.listener.openConnections, 1);
  for (let second = 0; second < 12; second++) proxy.advance(1_000);
  await proxy.until('cut', () => proxy.listener.openConnections === 0);
  client.destroy();
});

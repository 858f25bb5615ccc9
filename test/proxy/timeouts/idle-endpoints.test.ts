/** Endpoints that show no sign of life for too long, on virtual time. */

import t from 'tap';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { drainInto, pouringOrigin, standstill } from '../../support/pouring.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok } from '../../support/scripted-origin.ts';

const get = getRequest('/', 'a');
const idle = { manualTime: true, action: { idleTimeoutMs: 1_000 } };

t.test('before a response: 504', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, idle);
  const answer = proxy.send(get);
  await proxy.until('request', () => origin.requests.length === 1);
  proxy.advance(990);
  t.equal(proxy.ended.length, 0);
  proxy.advance(30);
  t.equal((await answer).status, 504);
  t.match(await proxy.ending(), { flags: 'UT', details: 'upstream_per_try_idle_timeout' });
  t.equal(proxy.cluster().stats.upstreamRqPerTryIdleTimeout, 1);
  t.match(proxy.load, noLoad);
});

t.test('a sign of life begins the wait anew, and later silence cuts the response', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, idle);
  const connection = await proxy.connect();
  connection.write(get);
  await proxy.until('request', () => origin.requests.length === 1);
  const [open] = origin.origin.connections;
  proxy.advance(900);
  open?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
  const { stats } = proxy.listener;
  let sent = 0;
  for (const piece of ['ab', 'cd']) {
    await proxy.until('more', () => stats.downstreamCxTxBytesTotal > sent);
    sent = stats.downstreamCxTxBytesTotal;
    proxy.advance(900);
    open?.socket.write(piece);
  }
  await proxy.until('the last of it', () => stats.downstreamCxTxBytesTotal > sent);
  t.equal(proxy.ended.length, 0);
  proxy.advance(1_100);
  t.match(await proxy.ending(), { status: 200, flags: 'UT' });
});

t.test('an endpoint that waits for its client is not idle', async (t) => {
  const length = 48 * 1024 * 1024;
  const origin = await pouringOrigin(t, length);
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    routes: [route('all', {}, forwardTo('origin', idle.action))],
  });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.socket.pause();
  client.write(get);
  await standstill(proxy, origin.taken);
  for (let second = 0; second < 5; second++) proxy.advance(1_020);
  t.equal(proxy.ended.length, 0);
  const bytes = drainInto(client);
  client.socket.resume();
  await proxy.until('whole body', () => bytes() > length);
  t.match(await proxy.ending(), { status: 200, flags: '-' });
  client.destroy();
});

t.test('such a try is tried again where the policy says so', async (t) => {
  let asked = 0;
  const { proxy, origin } = await proxiedOrigin(t, () => (asked++ === 0 ? null : ok('second')), {
    manualTime: true,
    action: {
      idleTimeoutMs: 1_000,
      retryPolicy: retryPolicy({ numRetries: 1, retryOn: ['gateway-error'] }),
    },
  });
  const answer = proxy.send(get);
  await proxy.until('request', () => origin.requests.length === 1);
  proxy.advance(1_020);
  proxy.advance(100);
  t.equal((await answer).body.toString(), 'second');
  t.match(await proxy.ending(), { status: 200, attempts: 2 });
});

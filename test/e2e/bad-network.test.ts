/** A network that delays, loses and cuts, between the proxy and the origin. */

import t from 'tap';
import { eventually } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { Relay } from '../support/relay.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';

const routes = `
  - match: [{uri: {prefix: /limited}}]
    timeout: 0.3s
    route: [{destination: {host: origin.test, port: {number: 80}}}]
  - route: [{destination: {host: origin.test, port: {number: 80}}}]`;

t.test('between proxy and origin', async (t) => {
  const origin = await scriptedOrigin(() => ok('there'));
  const relay = await Relay.start({ port: origin.port });
  const edge = await startEdgeProxy({ originPort: relay.port, http: routes });
  t.teardown(() => Promise.all([edge.stop(), relay.stop(), origin.stop()]));
  const { port } = edge;

  t.test('a delay only delays', async (t) => {
    relay.delayMs = 50;
    const start = performance.now();
    const response = await exchange(getRequest('/', 'a'), { port });
    relay.delayMs = 0;
    t.equal(response.status, 200);
    t.ok(performance.now() - start >= 100, 'there and back');
  });

  t.test('a dead link ends in the timeout of the route', async (t) => {
    relay.blackHole = true;
    const response = await exchange(getRequest('/limited', 'a'), { port });
    relay.blackHole = false;
    t.equal(response.status, 504);
    t.equal(response.body.toString(), 'upstream request timeout');
    // The connection on which the answer is missing is not used again.
    t.equal((await exchange(getRequest('/', 'a'), { port })).status, 200);
  });

  t.test('a cut connection is an upstream failure', async (t) => {
    relay.blackHole = true;
    const waiting = await RawConnection.connect({ port });
    t.teardown(() => waiting.destroy());
    const before = relay.bytes;
    waiting.write(getRequest('/', 'a'));
    await eventually('the request on the link', { within: 5000 }, () => relay.bytes > before);
    relay.cut();
    t.equal((await waiting.readResponse()).status, 503);
    relay.blackHole = false;
    t.equal((await exchange(getRequest('/', 'a'), { port })).status, 200);
  });

  t.test('nobody there is a connect failure', async (t) => {
    await relay.stop();
    const response = await exchange(getRequest('/', 'a'), { port });
    t.equal(response.status, 503);
    t.match(response.body.toString(), /remote connection failure|connection failure/);
  });
});

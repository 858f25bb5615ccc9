/** What is counted of each endpoint for /clusters, beside what cluster and load balancer count. */

import t from 'tap';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

t.test('a request that took too long counts as an error and as a timeout', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, {
    action: { timeoutMs: 1000 },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('request', () => origin.requests.length === 1);
  proxy.advance(1010);
  t.equal((await client.readResponse()).status, 504);
  t.match(proxy.cluster().endpoints, [{ requestsTotal: 1, requestsError: 1, requestsTimeout: 1 }]);
  client.destroy();
});

t.test('what waits for a connection is counted until it has one', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, {
    breaker: { maxConnections: 1 },
  });
  const [first, second] = [await proxy.connect(), await proxy.connect()];
  first.write(getRequest('/', 'a'));
  await proxy.until('request', () => origin.requests.length === 1);
  const [endpoint] = proxy.cluster().endpoints;
  t.equal(endpoint?.requestsPending, 0);
  second.write(getRequest('/', 'a'));
  await proxy.until('waiting', () => endpoint?.requestsPending === 1);
  origin.origin.connections[0]?.socket.write(ok('one'));
  await first.readResponse();
  await proxy.until('second request', () => origin.requests.length === 2);
  t.equal(endpoint?.requestsPending, 0);
  first.destroy();
  second.destroy();
});

/** What is counted of connections and exchanges, and that it is counted once. */

import t from 'tap';
import { retryPolicy } from '../../support/mesh-models.ts';
import { proxiedOrigin, refusingPort } from '../../support/proxied-origin.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const accepted =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

t.test('bytes are those on the wire', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
  const request = getRequest('/', 'a');
  const client = await proxy.connect();
  client.write(request);
  await client.readResponse();
  const { stats } = proxy.cluster();
  t.equal(proxy.listener.stats.downstreamCxRxBytesTotal, request.length);
  t.ok(proxy.listener.stats.downstreamCxTxBytesTotal > 'hello'.length);
  t.equal(stats.upstreamCxRxBytesTotal, ok('hello').length);
  t.equal(stats.upstreamCxTxBytesTotal, origin.origin.received().length);
  client.destroy();
});

t.test('who closed an upstream connection, and whether a response was awaited', async (t) => {
  const rows = [
    ['close', { upstreamCxDestroyRemote: 1, upstreamCxDestroyRemoteWithActiveRq: 1 }],
    ['garbage', { upstreamCxDestroyLocal: 1, upstreamCxProtocolError: 1 }],
    ['last', { upstreamCxDestroyLocal: 1, upstreamCxDestroyWithActiveRq: 0 }],
  ] as const;
  const answers = {
    garbage: 'SSH-2.0-x\r\n\r\n',
    last: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  };
  for (const [how, expected] of rows) {
    const { proxy } = await proxiedOrigin(t, (_request, { socket }) => {
      if (how !== 'close') return answers[how];
      socket.end();
      return null;
    });
    await proxy.send(getRequest('/', 'a'));
    const { stats } = proxy.cluster();
    await proxy.until('close', () => stats.upstreamCxDestroy === 1);
    t.match(stats, expected, how);
    t.equal(stats.upstreamCxDestroyLocal + stats.upstreamCxDestroyRemote, 1, how);
  }
});

t.test('retries that are used up', async (t) => {
  const refusing = { before: [await refusingPort(), await refusingPort(), await refusingPort()] };
  const action = { retryPolicy: retryPolicy({ numRetries: 2 }) };
  const { proxy } = await proxiedOrigin(t, () => null, { action, ...refusing });
  await proxy.send(getRequest('/', 'a'));
  t.match(proxy.cluster().stats, {
    upstreamRqRetry: 2,
    upstreamRqRetryBackoffExponential: 2,
    upstreamRqRetryLimitExceeded: 1,
    upstreamRqPendingFailureEject: 3,
    upstreamCxDestroyRemote: 3,
    upstreamCxDestroyWithActiveRq: 0,
  });
});

t.test('a connection that has served its requests', async (t) => {
  const connection = { maxRequestsPerConnection: 1 };
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), { connection });
  await proxy.send(getRequest('/', 'a'));
  t.equal(proxy.cluster().stats.upstreamCxMaxRequests, 1);
});

t.test('a tunnel is counted while it lasts', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => accepted);
  const client = await proxy.connect();
  const upgrade = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ] as const;
  client.write(getRequest('/chat', 'a', upgrade));
  await client.readResponse();
  const { stats } = proxy.listener;
  t.match(stats, { downstreamCxUpgradesTotal: 1, downstreamCxUpgradesActive: 1 });
  client.destroy();
  await proxy.until('close', () => stats.downstreamCxActive === 0);
  t.match(stats, {
    downstreamCxUpgradesTotal: 1,
    downstreamCxUpgradesActive: 0,
    downstreamCxDestroyRemote: 1,
  });
});

t.test('a response that is broken off, and one before the end of its request', async (t) => {
  const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut';
  const { proxy } = await proxiedOrigin(t, (_request, { socket }) => {
    socket.end(cut);
    return null;
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await client.readToEnd();
  t.equal(proxy.listener.stats.downstreamRqTxReset, 1);
  const early = await proxy.connect();
  early.write('POST /../.. HTTP/1.1\r\nContent-Length: 5\r\n\r\n');
  await early.readToEnd();
  t.equal(proxy.listener.stats.downstreamRqResponseBeforeRqComplete, 1);
  t.equal(proxy.listener.stats.rqTotal, 1, 'what is refused is not routed');
});

t.test('a fault is active while it delays, and keeps a request from routing', async (t) => {
  const fault = {
    delay: { percentage: 1_000_000, fixedDelayMs: 100 },
    abort: { percentage: 1_000_000, httpStatus: 503, grpcStatus: null },
    inAttempt: false,
  };
  const { proxy } = await proxiedOrigin(t, () => null, { route: { fault }, manualTime: true });
  const { stats } = proxy.listener;
  const response = proxy.send(getRequest('/', 'a'));
  await proxy.until('delay', () => stats.faultActive === 1);
  proxy.advance(100);
  await response;
  t.match(stats, { faultActive: 0, faultDelaysInjected: 1, faultAbortsInjected: 1, rqTotal: 0 });
});

t.test('a connection that ends because the proxy drains', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await client.readResponse();
  const drained = proxy.listener.drain();
  await client.readToEnd();
  client.destroy();
  await drained;
  t.equal(proxy.listener.stats.downstreamCxDrainClose, 1);
});

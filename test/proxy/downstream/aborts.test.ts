/** One side breaks off: the other is freed, nothing stays counted, and the end is told once. */

import t from 'tap';
import { headerValue, type ReadRequest } from '../../support/http-reader.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { Origin } from '../../support/origin.ts';
import { proxiedOrigin, refusingPort } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { ok } from '../../support/scripted-origin.ts';

const before = 'upstream_reset_before_response_started';

async function atRest(proxy: ProxyHarness): Promise<void> {
  await proxy.until('rest', () => Object.values(proxy.load).every((count) => count === 0));
}

t.test('a client that leaves before the response frees the upstream', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null);
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('request', () => origin.requests.length === 1);
  t.match(proxy.load, { requests: 1, endpointRequests: 1, downstreamRequests: 1 });
  client.destroy();
  t.match(await proxy.ending(), {
    status: 0,
    flags: 'DC',
    details: 'downstream_remote_disconnect',
  });
  t.same(proxy.load, noLoad);
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
  t.equal(proxy.ended.length, 1);
});

t.test('a client that leaves within the response frees the upstream', async (t) => {
  const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
  const { proxy } = await proxiedOrigin(t, () => begun);
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('half', () => client.unread.includes('half'));
  client.reset();
  const { info, ...ended } = await proxy.ending();
  t.match(ended, { status: 200, flags: 'DC', sent: 4 });
  t.equal(info.responseEndAt, 0, 'a response that was cut has no last byte');
  t.same(proxy.load, noLoad);
  t.equal(proxy.listener.stats.downstreamRqRxReset, 1);
});

t.test('a client that leaves within its body frees the upstream', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null);
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  await proxy.until('half upstream', () => origin.origin.received().includes('half'));
  client.destroy();
  t.match(await proxy.ending(), { flags: 'DC', received: 4 });
  t.same(proxy.load, noLoad);
  t.equal(origin.requests.length, 0, 'nothing half is made whole');
});

t.test('a client that leaves while its request waits for a connection', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => null, { breaker: { maxConnections: 1 } });
  const [busy, waiting] = [await proxy.connect(), await proxy.connect()];
  busy.write(getRequest('/busy', 'a'));
  await proxy.until('request', () => origin.requests.length === 1);
  waiting.write(getRequest('/waiting', 'a'));
  await proxy.until('wait', () => proxy.load['pending'] === 1);
  waiting.destroy();
  t.match(await proxy.ending(), { flags: 'DC' });
  t.match(proxy.load, { pending: 0, endpointRequests: 1 });
  busy.destroy();
  await atRest(proxy);
});

t.test('a client that leaves during a back-off ends the retries', async (t) => {
  const down = 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n';
  const { proxy, origin } = await proxiedOrigin(t, () => down, {
    action: { retryPolicy: retryPolicy({ backoffBaseMs: 60_000, backoffMaxMs: 60_000 }) },
    manualTime: true,
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('retry', () => proxy.load['retries'] === 1);
  client.destroy();
  await proxy.ending();
  proxy.advance(120_000);
  t.equal(origin.requests.length, 1);
  t.same(proxy.load, noLoad);
});

type EndRow = readonly [name: string, status: number, flags: string, details: string];

t.test('an upstream that breaks off before its response', async (t) => {
  const rows: readonly EndRow[] = [
    ['close', 503, 'UC', `${before}{connection_termination}`],
    ['reset', 503, 'UC', `${before}{connection_termination}`],
    ['partial', 502, 'UPE', `${before}{protocol_error}`],
  ];
  for (const [name, status, flags, details] of rows) {
    const { proxy } = await proxiedOrigin(t, (_request, { socket }) => {
      if (name === 'reset') socket.resetAndDestroy();
      else socket.end(name === 'partial' ? 'HTTP/1.1 200 OK\r\nX' : '');
      return null;
    });
    const client = await proxy.connect();
    client.write(getRequest('/', 'a'));
    t.equal((await client.readResponse()).status, status, name);
    t.match(await proxy.ending(), { status, flags, details }, name);
    t.same(proxy.load, noLoad);
    t.notOk(client.isClosed, 'the client’s connection stays');
    client.destroy();
  }
});

t.test('an upstream that breaks off within its body cuts the client too', async (t) => {
  for (const framing of [
    'Content-Length: 10\r\n\r\nhalf',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  ]) {
    const { proxy } = await proxiedOrigin(t, (_request, { socket }) => {
      socket.end(`HTTP/1.1 200 OK\r\n${framing}`);
      return null;
    });
    const response = await proxy.send(getRequest('/', 'a'));
    t.ok(response.truncated, framing);
    t.equal(response.body.toString(), 'half');
    t.match((await proxy.ending()).details, /^upstream_reset_after_response_started\{/);
    t.equal(proxy.ended.length, 1);
    t.same(proxy.load, noLoad);
  }
});

t.test('an early response ends the request, and both connections with it', async (t) => {
  const origin = await Origin.start(({ socket }, data) => {
    if (data.includes('\r\n\r\n')) socket.write('HTTP/1.1 413 X\r\nContent-Length: 3\r\n\r\nbig');
  });
  t.teardown(() => origin.stop());
  const proxy = await ProxyHarness.start(
    t,
    meshOf({ clusters: [clusterOf('origin', [origin.port])] }),
  );
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nbegin');
  const response = await client.readResponse();
  t.equal(response.status, 413);
  t.equal(response.body.toString(), 'big');
  await client.closed;
  t.match(await proxy.ending(), { status: 413, flags: '-', details: 'via_upstream' });
  t.same(proxy.load, noLoad);
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
  client.destroy();
});

t.test('answers of the proxy itself', async (t) => {
  const refused = `${before}{remote_connection_failure|delayed_connect_error:_Connection_refused}`;
  const rows: readonly (readonly [string, readonly number[], number, string, string])[] = [
    ['origin', [], 503, 'UH', 'no_healthy_upstream'],
    ['missing', [], 503, 'NC', 'cluster_not_found'],
    ['origin', [await refusingPort()], 503, 'UF', refused],
  ];
  for (const [name, ports, status, flags, details] of rows) {
    const clusters = [clusterOf('origin', ports)];
    const routes = [route('all', {}, forwardTo(name))];
    const proxy = await ProxyHarness.start(t, meshOf({ clusters, routes }));
    const client = await proxy.connect();
    client.write(getRequest('/', 'a'));
    t.equal((await client.readResponse()).status, status, details);
    t.match(await proxy.ending(), { status, flags, details });
    client.write(getRequest('/', 'a'));
    await client.readResponse();
    t.equal(proxy.ended.length, 2, 'the connection stays');
    t.same(proxy.load, noLoad);
    client.destroy();
  }
});

t.test('overflow of each limit of the circuit breaker', async (t) => {
  for (const limits of [{ maxRequests: 1 }, { maxConnections: 1, maxPendingRequests: 0 }]) {
    const script = ({ startLine }: ReadRequest): string | null =>
      startLine.includes('/first') ? null : ok('hello');
    const { proxy, origin } = await proxiedOrigin(t, script);
    const first = await proxy.connect();
    first.write(getRequest('/first', 'a'));
    await proxy.until('request', () => origin.requests.length === 1);
    const { breaker } = proxy.cluster();
    breaker.limits = { ...breaker.limits, ...limits };
    const response = await proxy.send(getRequest('/second', 'a'));
    t.equal(response.status, 503);
    t.equal(headerValue(response.headers, 'x-envoy-overloaded'), 'true');
    t.match(await proxy.ending(), { flags: 'UO', details: `${before}{overflow}` });
    first.destroy();
    await atRest(proxy);
  }
});

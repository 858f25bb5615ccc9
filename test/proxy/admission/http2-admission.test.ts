/** Limits of clients and answers from elsewhere where the client speaks HTTP/2. */

import type { ClientHttp2Stream } from 'node:http2';
import t, { type Test } from 'tap';
import type { RequestAdmission } from '../../../src/model/request-admission.ts';
import type { Route } from '../../../src/model/route.ts';
import { connectHttp2 } from '../../support/http2-session.ts';
import { clusterOf } from '../../support/mesh-models.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad } from '../../support/proxy-harness.ts';
import { ok, type Script, scriptedOrigin } from '../../support/scripted-origin.ts';

const nothing: RequestAdmission = {
  rateLimits: [],
  concurrencyLimits: [],
  sourceIps: null,
  maxRequestBytes: null,
};

async function start(t: Test, script: Script, route: Partial<Route>) {
  const pages = await scriptedOrigin(() => 'HTTP/1.1 418 Sorry\r\nContent-Length: 5\r\n\r\nsorry');
  t.teardown(() => pages.stop());
  const clusters = [clusterOf('pages', [pages.port])];
  const { proxy, origin } = await proxiedOrigin(t, script, { route, clusters });
  return { proxy, origin, pages, client: connectHttp2(t, proxy) };
}

/** Status and body of an answer. */
function answerTo(stream: ClientHttp2Stream): Promise<readonly [number, string]> {
  let status = 0;
  let body = '';
  stream.on('response', (headers) => {
    status = Number(headers[':status']);
  });
  stream.on('data', (bytes: Buffer) => {
    body += bytes.toString('latin1');
  });
  stream.on('error', () => undefined);
  return new Promise((resolve) => {
    stream.on('close', () => resolve([status, body]));
  });
}

t.test('streams of one connection count one by one', async (t) => {
  const held: (() => void)[] = [];
  const limit = { name: 'c', maxRequests: 2, status: 503, exempt: [] };
  const { proxy, client } = await start(
    t,
    (_request, connection) => {
      held.push(() => connection.socket.write(ok('late')));
      return null;
    },
    { admission: { ...nothing, concurrencyLimits: [limit] } },
  );
  const ask = () => answerTo(client.request({ ':path': '/' }));
  const first = ask();
  const left = client.request({ ':path': '/left' });
  left.on('error', () => undefined);
  await proxy.until('two requests', () => held.length === 2);
  t.same(await ask(), [503, 'concurrency_limited']);
  left.close(8);
  await proxy.until('a stream that is reset', () => proxy.ended.length === 2);
  const third = ask();
  await proxy.until('another request', () => held.length === 3);
  for (const answer of held) answer();
  t.same(await first, [200, 'late']);
  t.same(await third, [200, 'late']);
  t.equal(proxy.runtime.snapshot.limitZones.concurrency.get('c')?.active('127.0.0.1'), 0);
});

t.test('a body that grows too large is cut, and the connection stays', async (t) => {
  const admission = { ...nothing, maxRequestBytes: 100_000 };
  const { proxy, origin, client } = await start(t, () => ok('all of it'), { admission });
  const post = (size: number) => {
    const stream = client.request({ ':method': 'POST', ':path': '/' });
    const answer = answerTo(stream);
    stream.end(Buffer.alloc(size, 'x'));
    return answer;
  };
  t.same(await post(100_000), [200, 'all of it']);
  t.same(await post(100_001), [413, 'Payload Too Large']);
  t.same(await post(10), [200, 'all of it']);
  t.equal(origin.requests.length, 2);
  t.equal(proxy.listener.stats.downstreamCxTotal, 1);
});

t.test('an error page', async (t) => {
  const customResponse = { statuses: [404], cluster: 'pages', requestHeaders: {} };
  const { proxy, pages, client } = await start(
    t,
    () => `HTTP/1.1 404 No\r\nContent-Length: 70000\r\n\r\n${'x'.repeat(70_000)}`,
    { customResponse },
  );
  const answers = await Promise.all(
    ['/a', '/b', '/c'].map((path) => answerTo(client.request({ ':path': path }))),
  );
  t.same(answers, [
    [418, 'sorry'],
    [418, 'sorry'],
    [418, 'sorry'],
  ]);
  t.equal(pages.requests.length, 3);
  await proxy.until('rest', () => JSON.stringify(proxy.load) === JSON.stringify(noLoad));
});

t.test('a client that leaves while the page is asked for', async (t) => {
  const customResponse = { statuses: [404], cluster: 'silent', requestHeaders: {} };
  const silent = await scriptedOrigin(() => null);
  t.teardown(() => silent.stop());
  const { proxy } = await proxiedOrigin(t, () => 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n', {
    clusters: [clusterOf('silent', [silent.port])],
    route: { customResponse },
  });
  const client = connectHttp2(t, proxy);
  const stream = client.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await proxy.until('page', () => silent.requests.length === 1);
  stream.close(8);
  t.match(await proxy.ending(), { status: 0, flags: 'DR' });
  await proxy.until('rest', () => proxy.endpoint(0, 'silent').activeRequests === 0);
  t.equal(proxy.cluster('silent').breaker.requests, 0);
});

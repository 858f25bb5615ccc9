/** Whole exchanges through a real proxy: interim responses, trailers, pipelining, limits, ends. */

import t from 'tap';
import { Stream } from '../../../src/proxy/stream/stream.ts';
import { headerValue, type ReadRequest } from '../../support/http-reader.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import type { OriginConnection } from '../../support/origin.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, pathMatch, route } from '../../support/route-models.ts';
import { methodAndPath, ok, scriptedOrigin } from '../../support/scripted-origin.ts';

t.test('an exchange is recorded whole, once', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  await proxy.send(postRequest('/path?q=1', 'the body'));
  const { info, ...ended } = await proxy.ending();
  t.same(ended, {
    status: 200,
    flags: '-',
    details: 'via_upstream',
    attempts: 1,
    received: 8,
    sent: 5,
  });
  t.match(info, { method: 'POST', path: '/path?q=1', authority: 'a', routeName: 'all' });
  t.equal(info.clusterName, 'origin');
  t.match(info.upstreamAddress, /^127\.0\.0\.1:\d+$/);
  t.ok(info.endedAt >= info.upstreamHeadAt && info.upstreamHeadAt >= info.startedAt);
  t.equal(info.responseEndAt, info.endedAt);
  t.equal(proxy.ended.length, 1);
  t.same(proxy.load, noLoad);
});

t.test('what comes of a request after the end changes nothing of it', async (t) => {
  const started: Stream[] = [];
  const { start } = Stream.prototype;
  Stream.prototype.start = function (this: Stream) {
    started.push(this);
    start.call(this);
  };
  t.teardown(() => {
    Stream.prototype.start = start;
  });
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  await proxy.send(postRequest('/', 'the body'));
  const { info } = await proxy.ending();
  // The harness has frozen it.
  started[0]?.onRequestBody(Buffer.from('late'), 0, 4);
  started[0]?.onRequestEnd(null);
  t.equal(started.length, 1);
  t.equal(info.bytesReceived, 8);
});

t.test('100-continue comes from the origin, and the body follows it', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, ({ body }) => ok(body.toString('latin1')));
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
  await proxy.until('head upstream', () => origin.origin.received().includes('\r\n\r\n'));
  t.match(origin.origin.received().toString(), /expect: 100-continue/i);
  origin.origin.connections[0]?.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  const response = await client.readResponse({ onInterim: () => client.write('abc') });
  t.same(response.interim, [100]);
  t.equal(response.body.toString(), 'abc');
  client.destroy();
});

t.test('other interim responses pass in order', async (t) => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';
  const { proxy } = await proxiedOrigin(t, () => `${hints}${hints}${ok('hello')}`);
  const response = await proxy.send(getRequest('/', 'a'));
  t.same(response.interim, [103, 103]);
  t.equal(response.body.toString(), 'hello');
});

t.test('trailers of HTTP/1.1 end here', async (t) => {
  const answer =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Out: 1\r\n\r\n';
  const { proxy, origin } = await proxiedOrigin(t, () => answer);
  const response = await proxy.send(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-In: 1\r\n\r\n',
  );
  t.equal(response.body.toString(), 'hi');
  t.same(response.trailers, []);
  t.same(origin.requests[0]?.trailers, []);
});

t.test('HEAD, 204 and 304 have no body', async (t) => {
  const answers: Readonly<Record<string, string>> = {
    'HEAD /': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    'GET /204': 'HTTP/1.1 204 No Content\r\n\r\n',
    'GET /304': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
  };
  const { proxy } = await proxiedOrigin(t, (request) => answers[methodAndPath(request)] ?? ok('x'));
  const client = await proxy.connect();
  for (const [line, status] of [
    ['HEAD /', 200],
    ['GET /204', 204],
    ['GET /304', 304],
  ] as const) {
    client.write(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const response = await client.readResponse({ method: line.split(' ')[0] ?? '' });
    t.equal(response.status, status);
    t.equal(client.unread.length, 0, 'nothing follows');
  }
  t.equal(proxy.listener.stats.downstreamCxTotal, 1);
  client.destroy();
});

t.test('a response that ends with its connection is chunked downstream', async (t) => {
  const { proxy } = await proxiedOrigin(t, (_request, { socket }) => {
    socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end');
    return null;
  });
  const client = await proxy.connect();
  for (let i = 0; i < 2; i++) {
    client.write(getRequest('/', 'a'));
    const response = await client.readResponse();
    t.equal(headerValue(response.headers, 'transfer-encoding'), 'chunked');
    t.equal(response.body.toString(), 'until the end');
  }
  client.destroy();
});

t.test('pipelined requests are answered in order, whichever origin is faster', async (t) => {
  const held: OriginConnection[] = [];
  const slow = await scriptedOrigin((_request, connection) => {
    held.push(connection);
    return null;
  });
  const fast = await scriptedOrigin((request) => ok(methodAndPath(request)));
  t.teardown(() => Promise.all([slow.stop(), fast.stop()]));
  const to = (name: string) =>
    route(name, { path: pathMatch('prefix', `/${name}`) }, forwardTo(name));
  const proxy = await ProxyHarness.start(
    t,
    meshOf({
      clusters: [clusterOf('slow', [slow.port]), clusterOf('fast', [fast.port])],
      routes: [to('slow'), to('fast')],
    }),
  );
  const client = await proxy.connect();
  client.write(['/slow', '/fast/1', '/fast/2'].map((path) => getRequest(path, 'a')).join(''));
  await proxy.until('slow request', () => held.length === 1);
  t.equal(fast.requests.length, 0, 'one at a time');
  held[0]?.socket.write(ok('GET /slow'));
  for (const path of ['/slow', '/fast/1', '/fast/2']) {
    t.equal((await client.readResponse()).body.toString(), `GET ${path}`);
  }
  t.same(
    proxy.ended.map(({ info }) => info.path),
    ['/slow', '/fast/1', '/fast/2'],
  );
  client.destroy();
});

const limitRows: readonly (readonly [name: string, bytes: string, status: number])[] = [
  ['a head that is too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2_000)}\r\n\r\n`, 431],
  ['too many lines', `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(20)}\r\n`, 431],
  [
    'trailers that are too large',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ${'x'.repeat(2_000)}\r\n\r\n`,
    431,
  ],
  [
    'a chunk line that is too long',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(200)}\r\na\r\n`,
    400,
  ],
  [
    'a chunk size that is none',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
    400,
  ],
];

t.test('requests over a limit are refused, recorded, and end their connection', async (t) => {
  for (const [name, bytes, status] of limitRows) {
    const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
      limits: {
        requestHeadBytes: 1_000,
        requestHeaderCount: 10,
        trailerBytes: 1_000,
        chunkLineBytes: 100,
      },
    });
    const client = await proxy.connect();
    client.write(bytes);
    t.equal((await client.readResponse()).status, status, name);
    await client.closed;
    t.match(await proxy.ending(), { status, flags: 'DPE' }, `${name}: record`);
    t.equal(proxy.ended.length, 1, `${name}: once`);
    await proxy.until('rest', () => proxy.load['endpointRequests'] === 0);
    t.same(proxy.load, noLoad, `${name}: nothing is left`);
    client.destroy();
  }
});

t.test('responses over a limit are refused with 502', async (t) => {
  const rows: readonly (readonly [name: string, bytes: string])[] = [
    ['head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(2_000)}\r\n\r\n`],
    ['lines', `HTTP/1.1 200 OK\r\n${'X: 1\r\n'.repeat(20)}\r\n`],
  ];
  for (const [name, bytes] of rows) {
    const { proxy } = await proxiedOrigin(t, () => bytes, {
      limits: { responseHeadBytes: 1_000, responseHeaderCount: 10 },
    });
    t.equal((await proxy.send(getRequest('/', 'a'))).status, 502, name);
    t.match(await proxy.ending(), { status: 502, flags: 'UPE' });
    t.same(proxy.load, noLoad);
  }
});

t.test('open connections are limited, and closed ones do not count', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    limits: { connectionsPerListener: 2 },
  });
  for (let i = 0; i < 4; i++) {
    t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
    await proxy.until('close', () => proxy.listener.openConnections === 0);
  }
  const open = [await proxy.connect(), await proxy.connect()];
  await proxy.until('accept', () => proxy.listener.openConnections === 2);
  await t.rejects(proxy.send(getRequest('/', 'a')));
  t.ok(proxy.listener.stats.downstreamCxOverflow > 0);
  for (const client of open) client.destroy();
});

t.test('a listener that drains says so and closes after the exchange', async (t) => {
  let answer: (() => void) | null = null;
  const { proxy } = await proxiedOrigin(t, (_request: ReadRequest, { socket }) => {
    answer = () => socket.write(ok('hello'));
    return null;
  });
  const [busy, idle] = [await proxy.connect(), await proxy.connect()];
  busy.write(getRequest('/', 'a'));
  await proxy.until('request', () => answer !== null && proxy.listener.openConnections === 2);
  const drained = proxy.listener.drain();
  await idle.closed;
  (answer as (() => void) | null)?.();
  const response = await busy.readResponse();
  t.equal(headerValue(response.headers, 'connection'), 'close');
  await busy.closed;
  busy.destroy();
  idle.destroy();
  await drained;
});

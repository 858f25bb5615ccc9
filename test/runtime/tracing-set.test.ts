/** Spans over real sockets: from a request to what a collector decodes. */

import t from 'tap';
import { outlierDetection } from '../support/cluster-models.ts';
import { headerValue, type ReadRequest } from '../support/http-reader.ts';
import { clusterOf, httpSettings, retryPolicy } from '../support/mesh-models.ts';
import { postRequest, refusingPort } from '../support/proxied-origin.ts';
import { getRequest } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import type { CollectedSpan } from '../support/trace-collector.ts';
import { tracedOrigin } from '../support/traced-origin.ts';

const trace = '80f198ee56343ba864fe8b2a57d3eff7';
const caller = 'e457b5a2e4d86bd1';
const unavailable = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\ndown';
const always = 1_000_000;

function get(path: string, fields: readonly string[] = []): string {
  return ['GET ', path, ' HTTP/1.1\r\nHost: a.test\r\n', ...fields, '\r\n'].join('');
}

function fieldOf(request: ReadRequest | undefined, name: string): string {
  return headerValue(request?.headers ?? [], name) ?? '';
}

/** The server span, and the client spans in their order. */
function sorted(spans: readonly CollectedSpan[]): {
  readonly server: CollectedSpan;
  readonly clients: readonly CollectedSpan[];
} {
  const server = spans.find(({ kind }) => kind === 'server') as CollectedSpan;
  const clients = spans.filter(({ kind }) => kind === 'client');
  return { server, clients };
}

t.test('an exchange is a server span with a client span, over OTLP', async (t) => {
  for (const protocol of ['otlp-http', 'otlp-grpc'] as const) {
    const traced = await tracedOrigin(t, () => ok('hello'), {
      protocol,
      collectorHeaders: { 'x-api-key': 'secret' },
      isSidecar: true,
    });
    const { proxy, origin, collector, flush } = traced;
    const fields = [
      `traceparent: 00-${trace}-${caller}-01\r\ntracestate: v=1\r\n`,
      'User-Agent: curl/8\r\nX-Request-Id: r-1\r\nX-Forwarded-For: 10.1.2.3\r\n',
    ];
    const before = BigInt(Date.now()) * 1_000_000n;
    await proxy.send(get('/books/7?full=1', fields));
    await proxy.ending();
    flush();
    const { server, clients } = sorted(await collector.received(2));
    const [client] = clients as [CollectedSpan];
    t.equal(clients.length, 1, protocol);
    t.match(server, { traceId: trace, parentSpanId: caller, traceState: 'v=1' });
    t.match(client, { traceId: trace, parentSpanId: server.spanId, traceState: 'v=1' });
    const sent = fieldOf(origin.requests[0], 'traceparent');
    t.equal(sent, `00-${trace}-${client.spanId}-01`, 'the origin hears of the client span');
    const port = origin.port;
    t.match(server, {
      name: 'origin:80/*',
      scope: 'sluice',
      status: { code: 0, message: '' },
      attributes: {
        'http.request.method': 'GET',
        'url.path': '/books/7',
        'url.query': 'full=1',
        'url.scheme': 'http',
        'server.address': 'a.test',
        'client.address': '10.1.2.3',
        'network.peer.address': '127.0.0.1',
        'network.protocol.version': '1.1',
        'http.response.status_code': 200,
        'http.response.body.size': 5,
        'user_agent.original': 'curl/8',
        'http.route': 'all',
        component: 'proxy',
        'guid:x-request-id': 'r-1',
        response_flags: '-',
        upstream_cluster: 'origin',
        'istio.canonical_service': 'test',
        'istio.namespace': 'default',
      },
      resource: { 'service.name': 'test.default', 'service.version': 'latest' },
    });
    t.match(client, {
      name: 'router origin egress',
      attributes: {
        'url.full': 'http://a.test/books/7?full=1',
        'network.peer.address': '127.0.0.1',
        'network.peer.port': port,
        'peer.address': `127.0.0.1:${port}`,
        'http.response.status_code': 200,
        'upstream_cluster.name': 'origin',
      },
    });
    t.equal(client.attributes['http.request.resend_count'], undefined);
    t.ok(server.startNanos >= before - 1_000_000_000n, 'times are of the wall clock');
    t.ok(server.startNanos <= client.startNanos && client.startNanos <= client.endNanos);
    t.ok(client.endNanos <= server.endNanos, 'an attempt is within its exchange');
    t.equal(collector.requestHeaders[0]?.['x-api-key'], 'secret');
  }
});

t.test('Zipkin gets its JSON, and endpoints B3', async (t) => {
  const { proxy, origin, collector, flush } = await tracedOrigin(t, () => ok('hello'), {
    protocol: 'zipkin',
  });
  await proxy.send(get('/'));
  await proxy.ending();
  flush();
  await proxy.until('spans', () => collector.zipkinSpans.length === 2);
  const server = collector.zipkinSpans.find(({ kind }) => kind === 'SERVER');
  const client = collector.zipkinSpans.find(({ kind }) => kind === 'CLIENT');
  t.equal(server?.parentId, undefined);
  t.match(server, { name: 'origin:80/*', localEndpoint: { serviceName: 'test.default' } });
  t.match(server?.tags, { 'http.response.status_code': '200', component: 'proxy' });
  t.equal(client?.parentId, server?.id);
  const [request] = origin.requests;
  t.equal(fieldOf(request, 'x-b3-traceid'), client?.traceId);
  t.equal(fieldOf(request, 'x-b3-spanid'), client?.id);
  t.equal(fieldOf(request, 'x-b3-parentspanid'), server?.id);
  t.equal(fieldOf(request, 'x-b3-sampled'), '1');
  t.equal(fieldOf(request, 'traceparent'), '');
});

t.test('retries are siblings, each with an id of its own', async (t) => {
  let count = 0;
  const script = (): string => (++count < 3 ? unavailable : ok('hello'));
  const { proxy, origin, collector, flush } = await tracedOrigin(t, script, {
    action: { retryPolicy: retryPolicy() },
  });
  await proxy.send(get('/'));
  await proxy.ending();
  flush();
  const { server, clients } = sorted(await collector.received(4));
  t.same(
    clients.map(({ attributes }) => attributes['http.response.status_code']),
    [503, 503, 200],
  );
  t.same(
    clients.map(({ attributes }) => attributes['http.request.resend_count']),
    [undefined, 1, 2],
  );
  t.same(
    clients.map(({ status }) => status.code),
    [2, 2, 0],
  );
  t.same([...new Set(clients.map(({ parentSpanId }) => parentSpanId))], [server.spanId]);
  t.same(
    origin.requests.map((request) => fieldOf(request, 'traceparent').split('-')[2]),
    clients.map(({ spanId }) => spanId),
  );
  t.match(server.events, [
    { name: 'retry', attributes: { 'retry.attempt': 1 } },
    { name: 'retry', attributes: { 'retry.attempt': 2 } },
  ]);
  t.equal(server.status.code, 0, 'what was retried is no failure of the exchange');
});

t.test('an endpoint that refuses, and that retries ran out', async (t) => {
  const { proxy, collector, flush } = await tracedOrigin(t, () => unavailable, {
    before: [await refusingPort()],
    action: { retryPolicy: retryPolicy({ numRetries: 1, retryOn: ['5xx', 'connect-failure'] }) },
  });
  await proxy.send(get('/'));
  await proxy.ending();
  flush();
  const { server, clients } = sorted(await collector.received(3));
  t.equal(clients[0]?.attributes['error.type'], 'connect-refused');
  t.match(clients[0]?.status, { code: 2, message: /ECONNREFUSED/ });
  t.equal(clients[1]?.attributes['error.type'], '503');
  t.match(server, {
    status: { code: 2 },
    attributes: { 'error.type': '503', response_flags: 'URX' },
  });
  t.same(
    server.events.map(({ name }) => name),
    ['retry', 'retry.limit_exceeded'],
  );
});

t.test('a request that is not sampled has no spans', async (t) => {
  const { proxy, origin } = await tracedOrigin(t, () => ok('hello'), {
    tracing: { randomSamplingPercent: 0 },
  });
  await proxy.send(get('/'));
  await proxy.send(get('/', [`traceparent: 00-${trace}-${caller}-00\r\n`]));
  await proxy.ending(2);
  for (const { info } of proxy.ended) t.equal(info.spans, null);
  t.match(fieldOf(origin.requests[0], 'traceparent'), /^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/);
  t.match(fieldOf(origin.requests[1], 'traceparent'), new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
});

t.test('only an internal client can force a trace, everybody can ask for one', async (t) => {
  const cases = [
    { internal: true, field: 'x-envoy-force-trace', isRecorded: true },
    { internal: false, field: 'x-envoy-force-trace', isRecorded: false },
    { internal: false, field: 'x-client-trace-id', isRecorded: true },
  ];
  for (const { internal, field, isRecorded } of cases) {
    const internalAddresses = internal ? ['127.0.0.0/8'] : null;
    const { proxy } = await tracedOrigin(t, () => ok('hello'), {
      http: httpSettings({ tracing: true, internalAddresses }),
      tracing: { randomSamplingPercent: 0 },
    });
    await proxy.send(get('/', [`${field}: 1\r\n`]));
    const { info } = await proxy.ending();
    t.equal(info.spans !== null, isRecorded, `${field}, ${internal ? 'internal' : 'external'}`);
  }
});

t.test('a WebSocket is a span as long as it lasts', async (t) => {
  const switching =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
  const { proxy, collector, flush } = await tracedOrigin(t, () => switching);
  const client = await proxy.connect();
  client.write(get('/', ['Connection: upgrade\r\nUpgrade: websocket\r\n']));
  await client.readResponse();
  t.equal(proxy.ended.length, 0);
  client.destroy();
  await proxy.ending();
  flush();
  const { server, clients } = sorted(await collector.received(2));
  for (const { attributes, status } of [server, ...clients]) {
    t.equal(attributes['http.response.status_code'], 101);
    t.equal(attributes['error.type'], undefined);
    t.equal(status.code, 0);
  }
});

t.test('injected faults are events', async (t) => {
  const delay = { percentage: always, fixedDelayMs: 5 };
  const abort = { percentage: always, httpStatus: 418, grpcStatus: null };
  for (const inAttempt of [false, true]) {
    const { proxy, collector, flush } = await tracedOrigin(t, () => ok('hello'), {
      route: { fault: { delay, abort, inAttempt } },
    });
    t.equal((await proxy.send(get('/'))).status, 418);
    await proxy.ending();
    flush();
    const [server] = (await collector.received(1)) as [CollectedSpan];
    t.match(server.events, [
      { name: 'fault.delay', attributes: { 'fault.delay_ms': 5 } },
      { name: 'fault.abort', attributes: { 'fault.http_status': 418 } },
    ]);
    t.equal(server.attributes['response_flags'], 'DI,FI');
    t.equal(collector.spans.length, 1, 'no endpoint was tried');
  }
});

t.test('a breaker that is open, and a route out of time', async (t) => {
  const breaker = { maxRequests: 0 };
  const full = await tracedOrigin(t, () => ok('hello'), { breaker });
  await full.proxy.send(get('/'));
  await full.proxy.ending();
  full.flush();
  const overflow = sorted(await full.collector.received(2)).clients[0];
  t.equal(overflow?.attributes['error.type'], 'overflow');
  t.match(overflow?.events, [{ name: 'circuit_breaker.overflow' }]);

  const slow = await tracedOrigin(t, () => null, { action: { timeoutMs: 30 } });
  await slow.proxy.send(get('/'));
  await slow.proxy.ending();
  slow.flush();
  const late = sorted(await slow.collector.received(2)).clients[0];
  t.equal(late?.attributes['error.type'], 'route-timeout');
  t.match(late?.events, [{ name: 'timeout' }]);
});

t.test('that outlier detection ejects an endpoint is an event of the attempt', async (t) => {
  const { proxy, collector, flush } = await tracedOrigin(t, () => unavailable, {
    outlierDetection: outlierDetection({ consecutive5xx: 1 }),
  });
  await proxy.send(get('/'));
  await proxy.ending();
  flush();
  t.match(sorted(await collector.received(2)).clients[0]?.events, [{ name: 'endpoint.ejected' }]);
});

t.test('a mirror is a client span, even if it ends last', async (t) => {
  let answer = (): void => undefined;
  const mirror = await scriptedOrigin((_, { socket }) => {
    answer = () => void socket.write(ok('nobody reads this'));
    return null;
  });
  t.teardown(() => mirror.stop());
  const { proxy, origin, collector, flush } = await tracedOrigin(t, () => ok('hello'), {
    clusters: [clusterOf('mirror', [mirror.port])],
    action: { mirrors: [{ cluster: 'mirror', percentage: always }] },
  });
  await proxy.send(postRequest('/', 'the body'));
  await proxy.ending();
  flush();
  const { server } = sorted(await collector.received(2));
  await proxy.until('copy', () => mirror.requests.length === 1);
  answer();
  await proxy.until('end', () => proxy.cluster('mirror').breaker.requests === 0);
  flush();
  const late = (await collector.received(3))[2];
  t.match(late, { name: 'async mirror egress', parentSpanId: server.spanId });
  t.equal(late?.attributes['http.response.status_code'], 200);
  t.equal(fieldOf(mirror.requests[0], 'traceparent').split('-')[2], late?.spanId);
  t.not(fieldOf(origin.requests[0], 'traceparent').split('-')[2], late?.spanId);
});

t.test('a client that leaves cancels the attempt', async (t) => {
  const { proxy, origin, collector, flush } = await tracedOrigin(t, () => null);
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('request', () => origin.requests.length === 1);
  client.destroy();
  await proxy.ending();
  flush();
  const { server, clients } = sorted(await collector.received(2));
  t.equal(clients[0]?.attributes['error.type'], 'cancelled');
  t.equal(server.attributes['response_flags'], 'DC');
  t.equal(server.status.code, 0, 'which is not the fault of who answers');
});

t.test('a header that the route removes stays away', async (t) => {
  const requestHeaders = { set: [], add: [], remove: ['traceparent'] };
  const { proxy, origin } = await tracedOrigin(t, () => ok('hello'), {
    route: { requestHeaders },
  });
  await proxy.send(get('/'));
  t.equal(fieldOf(origin.requests[0], 'traceparent'), '');
});

t.test('custom tags say what is configured, and nothing where that is missing', async (t) => {
  const { proxy, collector, flush } = await tracedOrigin(t, () => ok('hello'), {
    tracing: {
      customTags: [
        { kind: 'literal', name: 'team', value: 'books' },
        { kind: 'environment', name: 'home', variable: 'PATH', defaultValue: null },
        { kind: 'environment', name: 'none', variable: 'SLUICE_NO_SUCH', defaultValue: null },
        { kind: 'environment', name: 'other', variable: 'SLUICE_NO_SUCH', defaultValue: 'x' },
        { kind: 'header', name: 'user', header: 'x-user', defaultValue: null },
        { kind: 'header', name: 'tenant', header: 'x-tenant', defaultValue: 'nobody' },
        { kind: 'format', name: 'line', format: '%REQ(:METHOD)% %RESPONSE_CODE%' },
        { kind: 'format', name: 'absent', format: '%REQ(x-absent)%' },
        { kind: 'format', name: 'cookies', format: '%REQ(COOKIE)%' },
        { kind: 'header', name: 'login', header: 'authorization', defaultValue: null },
      ],
      istioTags: false,
      maxPathTagLength: 4,
      resource: { 'service.name': 'front' },
    },
  });
  await proxy.send(
    get('/books?q=1', [
      'X-User: j\xc3\xb6rg\r\n',
      'Cookie: a=b\r\n',
      'Authorization: Bearer b\r\n',
    ]),
  );
  await proxy.ending();
  flush();
  const { server } = sorted(await collector.received(2));
  const { attributes, resource } = server;
  t.match(attributes, {
    team: 'books',
    home: process.env['PATH'] ?? '',
    other: 'x',
    user: 'jörg',
    tenant: 'nobody',
    line: 'GET 200',
    cookies: '<redacted>',
    login: '<redacted>',
    'url.path': '/boo',
  });
  for (const name of ['none', 'absent', 'istio.namespace']) t.notOk(name in attributes, name);
  t.equal(resource['service.name'], 'front');
});

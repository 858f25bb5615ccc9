import t from 'tap';
import { countingOrigin } from '../../support/counting-origin.ts';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, httpSettings, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { Origin } from '../../support/origin.ts';
import {
  type ProxiedOrigin,
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
  refusingPort,
} from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route, weightedCluster } from '../../support/route-models.ts';
import { ok, scriptedOrigin } from '../../support/scripted-origin.ts';

const always = 1_000_000;

/** Everything goes to an origin that says hello, and a copy to `port`. */
function mirroring(
  t: Parameters<typeof proxiedOrigin>[0],
  port: number,
  options: ProxiedOriginOptions = {},
): Promise<ProxiedOrigin> {
  return proxiedOrigin(t, () => ok('hello'), {
    clusters: [clusterOf('mirror', [port])],
    action: { mirrors: [{ cluster: 'mirror', percentage: always }] },
    ...options,
  });
}

t.test('a copy has the same line, fields and body, and says what it is', async (t) => {
  const mirror = await scriptedOrigin(() => ok('nobody reads this'));
  t.teardown(() => mirror.stop());
  const { proxy, origin } = await mirroring(t, mirror.port);
  const response = await proxy.send(postRequest('/path?q=1', 'the body', 'X-Own: 1\r\n'));
  t.equal(response.body.toString(), 'hello');
  await proxy.until('copy', () => mirror.requests.length === 1);
  const [copy] = mirror.requests;
  const [original] = origin.requests;
  t.equal(copy?.startLine, original?.startLine);
  t.equal(copy?.body.toString(), 'the body');
  const field = (name: string) => headerValue(copy?.headers ?? [], name);
  t.equal(field('host'), 'a');
  t.equal(field('x-own'), '1');
  t.equal(field('x-envoy-internal'), 'true');
  t.equal(field('x-forwarded-for'), '127.0.0.1,127.0.0.1');
  t.equal(field('x-request-id'), headerValue(original?.headers ?? [], 'x-request-id'));
  t.equal(proxy.ended.length, 1, 'a copy is no exchange of its own');
});

t.test('a chunked body is copied piece by piece', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const { proxy, origin } = await mirroring(t, mirror.port);
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
  await proxy.until('begin', () => origin.origin.received().includes('abc'));
  client.write('2\r\nde\r\n0\r\n\r\n');
  await client.readResponse();
  await proxy.until('copy', () => mirror.requests.length === 1);
  t.equal(mirror.requests[0]?.body.toString(), 'abcde');
  client.destroy();
});

t.test('copies reuse connections', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const { proxy } = await mirroring(t, mirror.port);
  for (let i = 1; i <= 4; i++) {
    await proxy.send(getRequest('/', 'a'));
    const breaker = proxy.cluster('mirror').breaker;
    await proxy.until('copy', () => mirror.requests.length === i && breaker.requests === 0);
  }
  t.equal(mirror.origin.connections.length, 1);
});

t.test('whatever a mirror does, the request does not feel it', async (t) => {
  const closing = await scriptedOrigin((_request, { socket }) => {
    socket.end();
    return null;
  });
  const garbage = await scriptedOrigin(() => 'no HTTP at all\r\n\r\n');
  const silent = await scriptedOrigin(() => null);
  t.teardown(() => Promise.all([closing.stop(), garbage.stop(), silent.stop()]));
  const ports = [closing.port, garbage.port, silent.port, await refusingPort()];
  for (const port of ports) {
    const { proxy } = await mirroring(t, port);
    const response = await proxy.send(postRequest('/', 'the body'));
    t.equal(response.body.toString(), 'hello');
    t.match(await proxy.ending(), { status: 200, flags: '-', attempts: 1 });
    t.same(proxy.load, noLoad);
  }
});

t.test('an unknown mirror and one without endpoints are passed over', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    clusters: [clusterOf('empty', [])],
    action: {
      mirrors: ['missing', 'empty'].map((cluster) => ({ cluster, percentage: always })),
    },
  });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
});

t.test('a mirror that does not answer is given up after its time', async (t) => {
  const silent = await scriptedOrigin(() => null);
  t.teardown(() => silent.stop());
  const { proxy } = await mirroring(t, silent.port, {
    manualTime: true,
    limits: { mirrorTimeoutMs: 3_000 },
  });
  await proxy.send(getRequest('/', 'a'));
  await proxy.until('copy', () => silent.requests.length === 1);
  const { breaker } = proxy.cluster('mirror');
  t.equal(breaker.requests, 1);
  proxy.advance(3_010);
  t.equal(breaker.requests, 0);
  t.equal(proxy.endpoint(0, 'mirror').activeRequests, 0);
  t.match(proxy.cluster('mirror').stats, { upstreamRqTimeout: 1, upstreamRq5xx: 1 });
});

t.test('a mirror has no longer than its route gives the request', async (t) => {
  const silent = await scriptedOrigin(() => null);
  t.teardown(() => silent.stop());
  const { proxy } = await mirroring(t, silent.port, {
    manualTime: true,
    action: { timeoutMs: 500, mirrors: [{ cluster: 'mirror', percentage: always }] },
  });
  await proxy.send(getRequest('/', 'a'));
  await proxy.until('copy', () => silent.requests.length === 1);
  proxy.advance(510);
  t.equal(proxy.cluster('mirror').breaker.requests, 0);
});

t.test('a mirror’s cluster counts its responses and failures', async (t) => {
  const failing = await scriptedOrigin(({ startLine }) =>
    startLine.includes('/503') ? 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n' : ok(''),
  );
  t.teardown(() => failing.stop());
  const { proxy } = await mirroring(t, failing.port, {
    clusters: [clusterOf('mirror', [failing.port]), clusterOf('dead', [await refusingPort()])],
    action: { mirrors: ['mirror', 'dead'].map((cluster) => ({ cluster, percentage: always })) },
  });
  for (const path of ['/', '/503', '/503']) await proxy.send(getRequest(path, 'a'));
  const { stats } = proxy.cluster('mirror');
  const dead = proxy.cluster('dead').stats;
  await proxy.until('responses', () => stats.upstreamRqCompleted === 3);
  await proxy.until('failures', () => dead.upstreamRqCompleted === 3);
  t.match(stats, { upstreamRqTotal: 3, upstreamRq2xx: 1, upstreamRq5xx: 2 });
  t.match(dead, { upstreamRqTotal: 0, upstreamRq5xx: 3, upstreamCxConnectFail: 3 });
  t.match(proxy.cluster().stats, { upstreamRqTotal: 3, upstreamRq2xx: 3 });
});

t.test('a request that is tried again is mirrored once', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  const failing = await scriptedOrigin(() => 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n');
  t.teardown(() => Promise.all([mirror.stop(), failing.stop()]));
  const { proxy, origin } = await mirroring(t, mirror.port, {
    before: [failing.port],
    action: {
      retryPolicy: retryPolicy({ numRetries: 3 }),
      mirrors: [{ cluster: 'mirror', percentage: always }],
    },
  });
  for (let i = 0; i < 4; i++) await proxy.send(postRequest('/', 'the body'));
  await proxy.until('copies', () => mirror.requests.length === 4);
  t.equal(origin.requests.length, 4);
  t.ok(failing.requests.length > 0, `${failing.requests.length} tried again`);
  for (const { headers, body } of mirror.requests) {
    t.equal(body.toString(), 'the body');
    t.equal(headerValue(headers, 'x-envoy-attempt-count'), '1');
  }
});

t.test('a mirror that cannot keep up is given up, and the body goes on', async (t) => {
  const slow = await Origin.start(({ socket }) => socket.pause());
  const length = 24 * 1024 * 1024;
  const sink = await countingOrigin(length);
  t.teardown(() => Promise.all([slow.stop(), sink.stop()]));
  const mesh = meshOf({
    clusters: [clusterOf('origin', [sink.port]), clusterOf('mirror', [slow.port])],
    routes: [
      route(
        'all',
        {},
        forwardTo('origin', { mirrors: [{ cluster: 'mirror', percentage: always }] }),
      ),
    ],
  });
  const proxy = await ProxyHarness.start(t, mesh);
  const response = await proxy.send(postRequest('/', 'x'.repeat(length)));
  t.equal(response.status, 200, 'all of it arrived');
  t.equal(proxy.cluster('mirror').breaker.requests, 0);
});

t.test('a copy of half a request is given up with it', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const { proxy } = await mirroring(t, mirror.port);
  const client = await proxy.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  await proxy.until('half copy', () => mirror.origin.received().includes('half'));
  client.destroy();
  await proxy.until('end of the copy', () => proxy.cluster('mirror').breaker.requests === 0);
  t.equal(mirror.requests.length, 0);
});

t.test('a percentage of requests is mirrored', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const { proxy } = await mirroring(t, mirror.port, {
    action: { mirrors: [{ cluster: 'mirror', percentage: 500_000 }] },
  });
  const client = await proxy.connect();
  for (let i = 0; i < 100; i++) {
    client.write(getRequest('/', 'a'));
    await client.readResponse();
  }
  const sent = (): number => proxy.endpoint(0, 'mirror').requestsTotal;
  await proxy.until('copies', () => mirror.requests.length === sent());
  t.ok(sent() > 30 && sent() < 70, `${sent()} of 100`);
  client.destroy();
});

t.test('a copy of a delayed request has its whole body', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const delay = { percentage: 1_000_000, fixedDelayMs: 1 };
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), {
    clusters: [clusterOf('mirror', [mirror.port])],
    action: { mirrors: [{ cluster: 'mirror', percentage: always }] },
    route: { fault: { delay, abort: null, inAttempt: false } },
  });
  await proxy.send(postRequest('/', 'the body'));
  await proxy.until('copy', () => mirror.requests.length === 1);
  t.equal(mirror.requests[0]?.body.toString(), 'the body');
});

t.test('a request that is answered at once is not mirrored', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const none = clusterOf('origin', []);
  const some = clusterOf('origin', [mirror.port]);
  const full = { ...some, circuitBreaker: { ...some.circuitBreaker, maxPendingRequests: 0 } };
  const mirrors = [{ cluster: 'mirror', percentage: always }];
  const all = route('all', {}, forwardTo('origin', { mirrors }));
  const abort = { percentage: always, httpStatus: 503, grpcStatus: null };
  const faulted = { ...all, fault: { delay: null, abort, inAttempt: true } };
  for (const [origin, only, flags] of [
    [none, all, 'UH'],
    [full, all, 'UO'],
    [some, faulted, 'FI'],
  ] as const) {
    const mesh = meshOf({ clusters: [origin, clusterOf('mirror', [mirror.port])], routes: [only] });
    const proxy = await ProxyHarness.start(t, mesh);
    const half = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf';
    for (const request of [getRequest('/', 'a'), postRequest('/', 'the body'), half]) {
      t.equal((await proxy.send(request)).status, 503);
      t.equal(proxy.ended.at(-1)?.flags, flags);
    }
    t.equal(proxy.cluster('mirror').stats.upstreamCxTotal, 0, flags);
  }
});

t.test('a copy carries what route and destination change', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const setting = (name: string) => ({ set: [{ name, value: '1' }], add: [], remove: [] });
  const plain = weightedCluster('origin');
  for (const [chosen, ofCluster] of [
    [plain, null],
    [{ ...plain, requestHeaders: setting('x-of-cluster') }, '1'],
  ] as const) {
    const { proxy, origin } = await mirroring(t, mirror.port, {
      action: {
        clusters: [chosen],
        mirrors: [{ cluster: 'mirror', percentage: always }],
        hostRewrite: 'rewritten',
        prefixRewrite: '/new/',
        timeoutMs: 5_000,
      },
      route: { requestHeaders: setting('x-of-route') },
    });
    const before = mirror.requests.length;
    await proxy.send(postRequest('/path', 'the body'));
    await proxy.until('copy', () => mirror.requests.length > before);
    const copy = mirror.requests.at(-1);
    const original = origin.requests[0];
    t.equal(copy?.startLine, 'POST /new/path HTTP/1.1');
    const field = (name: string) => headerValue(copy?.headers ?? [], name);
    t.equal(field('x-of-cluster'), ofCluster);
    t.equal(field('host'), 'rewritten');
    t.equal(field('x-envoy-original-host'), 'a');
    t.equal(field('x-envoy-original-path'), '/path');
    t.equal(field('x-envoy-expected-rq-timeout-ms'), '5000');
    const ofMirror = new Set(['x-envoy-internal', 'x-forwarded-for']);
    const shared = (headers: readonly (readonly [string, string])[] = []) =>
      headers.filter(([name]) => !ofMirror.has(name));
    t.same(shared(copy?.headers), shared(original?.headers), 'and nothing else');
  }
});

t.test('what an internal client says of time and retries ends before copies', async (t) => {
  const mirror = await scriptedOrigin(() => ok(''));
  t.teardown(() => mirror.stop());
  const requestHeaders = { set: [{ name: 'x-of-cluster', value: '1' }], add: [], remove: [] };
  const names = ['timeout-ms', 'per-try-timeout-ms', 'timeout-alt-response'];
  const fields = names.map((name): [string, string] => [`x-envoy-upstream-rq-${name}`, '5000']);
  for (const clusters of [
    [weightedCluster('origin')],
    [{ ...weightedCluster('origin'), requestHeaders }],
  ]) {
    const mirrors = [{ cluster: 'mirror', percentage: always }];
    const { proxy } = await mirroring(t, mirror.port, {
      action: { clusters, mirrors },
      http: httpSettings({ internalAddresses: ['127.0.0.0/8'] }),
    });
    const before = mirror.requests.length;
    t.equal((await proxy.send(getRequest('/', 'a', fields))).status, 200);
    await proxy.until('copy', () => mirror.requests.length > before);
    const headers = mirror.requests.at(-1)?.headers ?? [];
    for (const [name] of fields) t.equal(headerValue(headers, name), null, name);
  }
});

/** Answers that another cluster gives in place of a route's own, on real sockets. */

import t, { type Test } from 'tap';
import type { CustomResponsePolicy } from '../../../src/model/custom-response.ts';
import { headerValue, type ReadRequest } from '../../support/http-reader.ts';
import { clusterOf, retryPolicy } from '../../support/mesh-models.ts';
import {
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
  refusingPort,
} from '../../support/proxied-origin.ts';
import { noLoad } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, weightedCluster } from '../../support/route-models.ts';
import { methodAndPath, ok, type Script, scriptedOrigin } from '../../support/scripted-origin.ts';

const page = 'HTTP/1.1 418 Sorry\r\nX-Page: yes\r\nContent-Length: 5\r\n\r\nsorry';
const failing = 'HTTP/1.1 500 Oops\r\nX-Own: 1\r\nContent-Length: 4\r\n\r\noops';

interface Setup {
  readonly script?: Script;
  readonly statuses?: readonly number[];
  readonly options?: ProxiedOriginOptions;
}

async function replaced(t: Test, setup: Setup = {}) {
  const { script = () => failing, statuses = [404, 500, 503], options = {} } = setup;
  const pages = await scriptedOrigin(() => page);
  t.teardown(() => pages.stop());
  const customResponse: CustomResponsePolicy = {
    statuses,
    cluster: 'pages',
    requestHeaders: { 'X-Namespace': 'shop', 'X-Service-Name': 'cart' },
  };
  const { proxy, origin } = await proxiedOrigin(t, script, {
    ...options,
    clusters: [clusterOf('pages', [pages.port])],
    route: { customResponse, ...options.route },
  });
  return { proxy, origin, pages };
}

const field = (request: ReadRequest | undefined, name: string) =>
  request === undefined ? null : headerValue(request.headers, name);

t.test('a response with a listed status is replaced', async (t) => {
  const { proxy, origin, pages } = await replaced(t);
  const request = getRequest('/cart?id=7', 'shop.test', [
    ['accept', 'application/json'],
    ['cookie', 'user=1'],
  ]);
  const { status, headers, body } = await proxy.send(request);
  t.equal(status, 418, 'with the status of the page');
  t.equal(body.toString(), 'sorry');
  t.equal(headerValue(headers, 'x-page'), 'yes');
  t.equal(headerValue(headers, 'x-own'), null);
  t.equal(origin.requests.length, 1);
  const [asked] = pages.requests;
  t.equal(asked === undefined ? null : methodAndPath(asked), 'GET /?id=7');
  const expected = {
    host: 'shop.test',
    'x-code': '500',
    'x-original-uri': '/cart?id=7',
    'x-format': 'application/json',
    'x-namespace': 'shop',
    'x-service-name': 'cart',
    cookie: 'user=1',
  };
  for (const [name, value] of Object.entries(expected)) t.equal(field(asked, name), value, name);
  t.match(field(asked, 'x-request-id'), /^[\da-f-]{36}$/);
  const { info } = await proxy.ending();
  t.match(info, { status: 418, details: 'via_upstream', clusterName: 'origin' });
  t.match(proxy.load, noLoad);
});

t.test('other responses are the client’s', async (t) => {
  const { proxy, pages } = await replaced(t, { script: () => ok('fine') });
  const { status, body } = await proxy.send(getRequest('/', 'a'));
  t.equal(status, 200);
  t.equal(body.toString(), 'fine');
  t.equal(pages.requests.length, 0);
});

t.test('what the proxy answers itself is replaced, too', async (t) => {
  const before = [await refusingPort()];
  const { proxy, pages } = await replaced(t, { options: { before } });
  await proxy.send(getRequest('/', 'a'));
  t.equal(field(pages.requests[0], 'x-code'), '503');
  t.match(await proxy.ending(), { status: 418, flags: 'UF' });
});

t.test('requests that nobody can be asked are replaced where the policy says so', async (t) => {
  const pages = await scriptedOrigin(() => page);
  t.teardown(() => pages.stop());
  const action = forwardTo('empty');
  const clusters = [clusterOf('pages', [pages.port]), clusterOf('empty', [])];
  for (const withoutEndpoints of [true, false]) {
    const customResponse = { statuses: [], withoutEndpoints, cluster: 'pages', requestHeaders: {} };
    const route = { action, customResponse };
    const { proxy } = await proxiedOrigin(t, () => failing, { clusters, route });
    const { status } = await proxy.send(getRequest('/', 'a'));
    t.equal(status, withoutEndpoints ? 418 : 503);
    t.match(await proxy.ending(), { flags: 'UH' });
  }
  t.same(
    pages.requests.map((asked) => field(asked, 'x-code')),
    ['503'],
  );
});

t.test('the connection of a client stays', async (t) => {
  const { proxy, origin, pages } = await replaced(t);
  const connection = await proxy.connect();
  connection.write(getRequest('/1', 'a') + getRequest('/2', 'a'));
  t.equal((await connection.readResponse()).status, 418);
  t.equal((await connection.readResponse()).status, 418);
  t.equal(proxy.listener.stats.downstreamCxTotal, 1);
  t.equal(origin.origin.connections.length, 1, 'and that to the endpoint');
  t.equal(pages.requests.length, 2);
});

t.test('retries come first', async (t) => {
  const action = { retryPolicy: retryPolicy({ numRetries: 2, retryOn: ['5xx'] }) };
  const { proxy, origin, pages } = await replaced(t, { options: { action } });
  t.equal((await proxy.send(postRequest('/', 'body'))).status, 418);
  t.equal(origin.requests.length, 3);
  t.equal(pages.requests.length, 1);
  t.match(await proxy.ending(), { flags: 'URX' });
});

t.test('so does the timeout of the route, which the page has again', async (t) => {
  const { proxy, origin, pages } = await replaced(t, {
    script: () => null,
    statuses: [504],
    options: { manualTime: true, action: { timeoutMs: 1_000 } },
  });
  const answer = proxy.send(getRequest('/', 'a'));
  await proxy.until('request', () => origin.requests.length === 1);
  proxy.advance(1_010);
  t.equal((await answer).status, 418);
  t.equal(field(pages.requests[0], 'x-code'), '504');
  t.match(await proxy.ending(), { flags: 'UT' });
});

t.test('without an endpoint the page is asked at once, and nothing is mirrored', async (t) => {
  const { port, requests, stop } = await scriptedOrigin(() => page);
  t.teardown(stop);
  const customResponse = { statuses: [503], cluster: 'pages', requestHeaders: {} };
  const { proxy, origin } = await proxiedOrigin(t, () => ok('copy'), {
    clusters: [clusterOf('empty', []), clusterOf('pages', [port])],
    action: {
      clusters: [weightedCluster('empty')],
      mirrors: [{ cluster: 'origin', percentage: 1_000_000 }],
    },
    route: { customResponse },
  });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 418);
  t.match(await proxy.ending(), { flags: 'UH' });
  t.equal(requests.length, 1);
  t.equal(origin.requests.length, 0);
});

t.test('limits that refuse are replaced, and count', async (t) => {
  const limit = { name: 'r', milliRequestsPerSecond: 1, burst: 0, status: 503, exempt: [] };
  const admission = {
    rateLimits: [limit],
    concurrencyLimits: [],
    sourceIps: null,
    maxRequestBytes: 10,
  };
  const script = () => ok('fine');
  const { proxy, pages } = await replaced(t, {
    script,
    statuses: [413, 503],
    options: { route: { admission } },
  });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 418);
  t.match(await proxy.ending(2), { flags: 'RL' });
  const large = await proxy.send(postRequest('/', '0123456789a'));
  t.equal(large.status, 418);
  t.same(
    pages.requests.map((request) => field(request, 'x-code')),
    ['503', '413'],
  );
  t.match(proxy.listener.stats, { rateLimited: 1, downstreamRqTooLarge: 1 });
});

t.test(
  'pages that give no sign of life end with the time that endpoints have for one',
  async (t) => {
    const silent = await scriptedOrigin(() => null);
    t.teardown(() => silent.stop());
    const cases = [
      [{ idleTimeoutMs: 2_000 }, 2_010],
      // nginx's own, where the route has none.
      [{}, 60_010],
    ] as const;
    for (const [action, waitMs] of cases) {
      const { proxy } = await proxiedOrigin(t, () => failing, {
        manualTime: true,
        clusters: [clusterOf('pages', [silent.port])],
        action,
        route: { customResponse: { statuses: [500], cluster: 'pages', requestHeaders: {} } },
      });
      const before = silent.requests.length;
      const answer = proxy.send(getRequest('/', 'a'));
      await proxy.until('question', () => silent.requests.length > before);
      proxy.advance(waitMs);
      t.equal((await answer).status, 504);
      t.match(await proxy.ending(), { attempts: 1 });
      t.match(proxy.load, noLoad);
    }
  },
);

t.test('pages that do not answer end with the timeout of the route', async (t) => {
  const silent = await scriptedOrigin(() => null);
  t.teardown(() => silent.stop());
  const limit = { name: 'r', milliRequestsPerSecond: 1, burst: 0, status: 503, exempt: [] };
  const { proxy } = await proxiedOrigin(t, () => ok('fine'), {
    manualTime: true,
    clusters: [clusterOf('pages', [silent.port])],
    action: { timeoutMs: 1_000 },
    route: {
      admission: {
        rateLimits: [limit],
        concurrencyLimits: [],
        sourceIps: null,
        maxRequestBytes: null,
      },
      customResponse: { statuses: [503], cluster: 'pages', requestHeaders: {} },
    },
  });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  const limited = proxy.send(getRequest('/', 'a'));
  await proxy.until('question', () => silent.requests.length === 1);
  proxy.advance(1_010);
  t.equal((await limited).status, 504);
  t.match(await proxy.ending(2), { flags: 'RL,UT' });
});

t.test('the page is sent no body, and the client’s is read', async (t) => {
  const { proxy, pages } = await replaced(t);
  const answer = await proxy.send(postRequest('/', 'a body', 'Content-Type: text/plain\r\n'));
  t.equal(answer.status, 418);
  const [asked] = pages.requests;
  t.equal(asked?.body.length, 0);
  t.equal(field(asked, 'content-length'), null);
  t.equal(field(asked, 'content-type'), null);
  const { info } = await proxy.ending();
  t.equal(info.bytesReceived, 6);
});

t.test('a body that still comes is nobody’s, and the connection ends', async (t) => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const admission = {
    rateLimits: [],
    concurrencyLimits: [],
    sourceIps: null,
    maxRequestBytes: 4,
  };
  const { proxy, origin, pages } = await replaced(t, {
    script: () => null,
    statuses: [413],
    options: { route: { admission } },
  });
  const connection = await proxy.connect();
  connection.write(`${head}5\r\n01234\r\n`);
  const { status } = await connection.readResponse();
  t.equal(status, 418);
  connection.write('5\r\n56789\r\n0\r\n\r\n');
  await connection.readToEnd();
  t.equal(origin.requests.length, 0);
  t.equal(pages.requests.length, 1);
});

t.test('HEAD stays HEAD', async (t) => {
  const script = () => 'HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\n';
  const pageHead = 'HTTP/1.1 418 Sorry\r\nContent-Length: 5\r\n\r\n';
  const pages = await scriptedOrigin(() => pageHead);
  t.teardown(() => pages.stop());
  const customResponse = { statuses: [404], cluster: 'pages', requestHeaders: {} };
  const { proxy } = await proxiedOrigin(t, script, {
    clusters: [clusterOf('pages', [pages.port])],
    route: { customResponse },
  });
  const answer = await proxy.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', 'HEAD');
  t.equal(answer.status, 418);
  t.equal(pages.requests[0] === undefined ? '' : methodAndPath(pages.requests[0]), 'HEAD /');
});

t.test('pages that fail are not replaced again', async (t) => {
  const nobody = clusterOf('pages', [await refusingPort()]);
  const customResponse = { statuses: [404, 503], cluster: 'pages', requestHeaders: {} };
  const { proxy } = await proxiedOrigin(t, () => 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n', {
    clusters: [nobody],
    route: { customResponse },
  });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 503);
  t.match(await proxy.ending(), { flags: 'UF' });
});

t.test('where there is no such cluster responses stay', async (t) => {
  const customResponse = { statuses: [500], cluster: 'nowhere', requestHeaders: {} };
  const { proxy } = await proxiedOrigin(t, () => failing, { route: { customResponse } });
  const { status, body } = await proxy.send(getRequest('/', 'a'));
  t.equal(status, 500);
  t.equal(body.toString(), 'oops');
});

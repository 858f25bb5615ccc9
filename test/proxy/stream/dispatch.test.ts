/** What a matched route does: its filters in their order, its action, and its header operations. */

import t, { type Test } from 'tap';
import type { Listener } from '../../../src/model/listener.ts';
import type { Route } from '../../../src/model/route.ts';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import {
  forwardTo,
  pathMatch,
  redirectTo,
  route,
  weightedCluster,
} from '../../support/route-models.ts';
import { ok } from '../../support/scripted-origin.ts';

const always = 1_000_000;
const abort = { percentage: always, httpStatus: 418, grpcStatus: null };

function setHeader(name: string, value: string) {
  return { set: [{ name, value }], add: [], remove: [] };
}

async function serve(t: Test, routes: readonly Route[], changes: Partial<Listener> = {}) {
  const clusters = [clusterOf('origin', [])];
  return ProxyHarness.start(t, meshOf({ clusters, routes, listeners: [listenerModel(changes)] }));
}

t.test('no route is 404', async (t) => {
  const proxy = await serve(t, [route('a', { path: pathMatch('exact', '/a') })]);
  t.equal((await proxy.send(getRequest('/b', 'a'))).status, 404);
  t.match(await proxy.ending(), { flags: 'NR', details: 'route_not_found', attempts: 0 });
  t.equal(proxy.listener.stats.noRoute, 1);
});

t.test('the table of a listener may follow from the port of the authority', async (t) => {
  const tables = { '80': 'http.80' };
  const routes = { kind: 'authority-port', tables, fallback: 'none' } as const;
  const proxy = await serve(t, [route('r', {}, redirectTo({ host: 'b' }))], {
    filterChains: [httpChain({ routes })],
  });
  for (const [host, status] of [
    ['a', 301],
    ['a:80', 301],
    ['a:81', 404],
  ] as const) {
    t.equal((await proxy.send(getRequest('/', host))).status, status, host);
  }
});

t.test('a redirect names the place', async (t) => {
  const proxy = await serve(t, [route('r', {}, redirectTo({ status: 308, host: 'b.example' }))]);
  const response = await proxy.send(getRequest('/a?b=1', 'a'));
  t.equal(response.status, 308);
  t.equal(headerValue(response.headers, 'location'), 'http://b.example/a?b=1');
  t.match(await proxy.ending(), { flags: '-', details: 'direct_response' });
  t.equal(proxy.listener.stats.rqDirectResponse, 1);
});

t.test('a direct response has status, body and the header operations of its route', async (t) => {
  const body = { encoding: 'base64', data: Buffer.from([0, 255, 65]).toString('base64') } as const;
  const direct = route('d', {}, { kind: 'direct-response', status: 202, body });
  const proxy = await serve(t, [{ ...direct, responseHeaders: setHeader('x-by', 'route') }]);
  const response = await proxy.send(getRequest('/', 'a'));
  t.equal(response.status, 202);
  t.same([...response.body], [0, 255, 65]);
  t.equal(headerValue(response.headers, 'x-by'), 'route');
  const head = await proxy.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', 'HEAD');
  t.equal(headerValue(head.headers, 'content-length'), '3');
});

t.test('an abort by fault injection comes before everything else', async (t) => {
  const cors = {
    allowOrigins: [{ kind: 'exact', value: '*' }] as const,
    allowMethods: null,
    allowHeaders: null,
    exposeHeaders: null,
    maxAgeSeconds: null,
    allowCredentials: false,
    forwardUnmatchedPreflights: true,
  };
  const proxy = await serve(t, [
    { ...route('origin'), fault: { delay: null, abort, inAttempt: false }, cors },
  ]);
  const response = await proxy.send(
    'OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: x\r\nAccess-Control-Request-Method: GET\r\n\r\n',
  );
  t.equal(response.status, 418);
  t.equal(response.body.toString(), 'fault filter abort');
  t.match(await proxy.ending(), { flags: 'FI', details: 'fault_filter_abort' });
});

t.test('a gRPC client is told in its own words', async (t) => {
  const proxy = await serve(t, [
    { ...route('origin'), fault: { delay: null, abort, inAttempt: false } },
  ]);
  const response = await proxy.send(postRequest('/', '', 'Content-Type: application/grpc\r\n'));
  t.equal(response.status, 200);
  t.equal(headerValue(response.headers, 'grpc-status'), '2');
  t.equal(headerValue(response.headers, 'grpc-message'), 'fault filter abort');
  t.match(await proxy.ending(), { flags: 'FI', info: { grpcStatus: 2 } });
});

t.test('header operations of the chosen cluster come before those of the route', async (t) => {
  const clusters = [
    {
      ...weightedCluster('origin'),
      requestHeaders: setHeader('x-both', 'cluster'),
      responseHeaders: setHeader('x-both', 'cluster'),
    },
  ];
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello', 'X-Both: origin\r\n'), {
    action: { clusters },
    route: {
      requestHeaders: setHeader('x-both', 'route'),
      responseHeaders: setHeader('x-both', 'route'),
    },
  });
  const response = await proxy.send(getRequest('/', 'a', [['X-Both', 'client']]));
  t.equal(headerValue(origin.requests[0]?.headers ?? [], 'x-both'), 'route');
  t.equal(headerValue(response.headers, 'x-both'), 'route');
});

t.test('rewrites say what was there before', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), {
    action: { prefixRewrite: '/new/', hostRewrite: 'b.example' },
  });
  await proxy.send(getRequest('/old?q=1', 'a'));
  const [request] = origin.requests;
  t.equal(request?.startLine, 'GET /new/old?q=1 HTTP/1.1');
  const field = (name: string) => headerValue(request?.headers ?? [], name);
  t.equal(field('host'), 'b.example');
  t.equal(field('x-envoy-original-host'), 'a');
  t.equal(field('x-envoy-original-path'), '/old?q=1');
  t.match(await proxy.ending(), { info: { path: '/new/old?q=1', originalPath: '/old?q=1' } });
});

t.test('a weighted cluster writes its host, and the route remembers that one', async (t) => {
  const clusters = [{ ...weightedCluster('origin'), hostRewrite: 'c.example' }];
  for (const [hostRewrite, host, original] of [
    [null, 'c.example', null],
    ['b.example', 'b.example', 'c.example'],
    ['c.example', 'c.example', null],
  ] as const) {
    const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), {
      action: { clusters, hostRewrite },
    });
    await proxy.send(getRequest('/', 'a'));
    const headers = origin.requests[0]?.headers ?? [];
    t.equal(headerValue(headers, 'host'), host);
    t.equal(headerValue(headers, 'x-envoy-original-host'), original);
    t.match(await proxy.ending(), { info: { authority: host } });
  }
});

t.test('a cluster that is not there answers as its route says', async (t) => {
  for (const clusterNotFoundStatus of [500, 503] as const) {
    const action = forwardTo('missing', { clusterNotFoundStatus });
    const proxy = await serve(t, [route('r', {}, action)]);
    t.equal((await proxy.send(getRequest('/', 'a'))).status, clusterNotFoundStatus);
    t.match(await proxy.ending(), { flags: 'NC', info: { clusterName: 'missing', cluster: null } });
  }
});

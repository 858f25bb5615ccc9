/** Answers of the proxy itself, and what a route's header operations can make of them. */

import t, { type Test } from 'tap';
import type { Route } from '../../../src/model/route.ts';
import type { CorsPolicy } from '../../../src/model/route-policy.ts';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { redirectTo, route } from '../../support/route-models.ts';

const abort = { percentage: 1_000_000, httpStatus: 400, grpcStatus: null };

const cors: CorsPolicy = {
  allowOrigins: [{ kind: 'exact', value: '*' }],
  allowMethods: null,
  allowHeaders: null,
  exposeHeaders: null,
  maxAgeSeconds: null,
  allowCredentials: false,
  forwardUnmatchedPreflights: true,
};

async function serve(t: Test, one: Route) {
  const clusters = [clusterOf('origin', [])];
  return ProxyHarness.start(t, meshOf({ clusters, routes: [one], listeners: [listenerModel({})] }));
}

function direct(status: number, text = ''): Route {
  const body = text === '' ? null : ({ encoding: 'utf8', data: text } as const);
  return route('d', {}, { kind: 'direct-response', status, body });
}

function setType(value: string) {
  return { set: [{ name: 'content-type', value }], add: [], remove: [] };
}

function namesOf(headers: readonly (readonly [string, string])[]): string[] {
  return headers.map(([name]) => name.toLowerCase());
}

const grpcRequest = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\n';

t.test('a 400 of the proxy ends the connection, whatever made it', async (t) => {
  for (const one of [
    direct(400),
    { ...route('origin'), fault: { delay: null, abort, inAttempt: false } },
  ]) {
    const proxy = await serve(t, one);
    const response = await proxy.send(getRequest('/', 'a'));
    t.equal(response.status, 400);
    t.equal(headerValue(response.headers, 'connection'), 'close');
  }
});

t.test('a direct response of 201 has the location of the request', async (t) => {
  const proxy = await serve(t, direct(201));
  const { headers } = await proxy.send(getRequest('/p?q=1', 'a:8080'));
  t.equal(headerValue(headers, 'location'), 'http://a:8080/p?q=1');
});

t.test('an answer without a body has no type', async (t) => {
  const responseHeaders = setType('text/html');
  for (const one of [route('r', {}, redirectTo({ host: 'b' })), direct(200)]) {
    const proxy = await serve(t, { ...one, responseHeaders });
    const { headers } = await proxy.send(getRequest('/', 'a'));
    t.equal(headerValue(headers, 'content-type'), null);
    t.equal(headerValue(headers, 'content-length'), '0');
  }
  const proxy = await serve(t, { ...direct(200, '<p>'), responseHeaders });
  const { headers } = await proxy.send(getRequest('/', 'a'));
  t.equal(headerValue(headers, 'content-type'), 'text/html');
});

t.test('what makes an answer one of gRPC is not the route to change', async (t) => {
  const proxy = await serve(t, { ...direct(503, 'no'), responseHeaders: setType('text/html') });
  const { headers } = await proxy.send(`${grpcRequest}\r\n`);
  t.equal(headerValue(headers, 'content-type'), 'application/grpc');
  t.equal(headerValue(headers, 'grpc-status'), '14');
});

t.test('a preflight is answered as one, also to gRPC', async (t) => {
  const proxy = await serve(t, { ...route('origin'), cors });
  const { headers } = await proxy.send(
    'OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: x\r\nAccess-Control-Request-Method: GET\r\n' +
      'Content-Type: application/grpc\r\n\r\n',
  );
  t.equal(headerValue(headers, 'access-control-allow-origin'), 'x');
  t.equal(headerValue(headers, 'grpc-status'), null);
  t.match(await proxy.ending(), { info: { grpcStatus: 2 } }, 'as the log derives it from the 200');
});

t.test('CORS has the last word', async (t) => {
  const proxy = await serve(t, { ...route('origin'), cors });
  const { headers } = await proxy.send(getRequest('/', 'a', [['Origin', 'x']]));
  t.same(namesOf(headers).slice(0, 3), [
    'content-length',
    'content-type',
    'access-control-allow-origin',
  ]);
});

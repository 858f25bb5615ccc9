/** What clients of internal addresses may ask of a gateway, through a real proxy. */

import t, { type Test } from 'tap';
import { headerValue } from '../../support/http-reader.ts';
import { httpSettings, retryPolicy } from '../../support/mesh-models.ts';
import type { OriginConnection } from '../../support/origin.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const unavailable = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\ndown';
const inside = httpSettings({ internalAddresses: ['127.0.0.0/8'] });
const outside = httpSettings({ internalAddresses: ['10.0.0.0/8'] });

type Answer = (connection: OriginConnection) => string | null;

function answers(...list: readonly Answer[]) {
  let count = 0;
  return (_request: unknown, connection: OriginConnection): string | null => {
    const answer = list[Math.min(count++, list.length - 1)];
    return answer === undefined ? null : answer(connection);
  };
}

const down: Answer = () => unavailable;
const fine: Answer = () => ok('hello');
const silent: Answer = () => null;

function requestWith(fields: Readonly<Record<string, string>> = {}): string {
  return getRequest('/', 'a.example', Object.entries(fields));
}

function start(t: Test, list: readonly Answer[], http = inside) {
  return proxiedOrigin(t, answers(...list), { http });
}

t.test('an internal client chooses what is tried again', async (t) => {
  const { proxy, origin } = await start(t, [down, down, fine]);
  const response = await proxy.send(
    requestWith({ 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '2' }),
  );
  t.equal(response.status, 200);
  t.equal(origin.requests.length, 3);
  for (const { headers } of origin.requests) {
    t.equal(headerValue(headers, 'x-envoy-internal'), 'true');
    t.equal(headerValue(headers, 'x-envoy-retry-on'), null);
    t.equal(headerValue(headers, 'x-envoy-max-retries'), null);
  }
});

t.test('an external one does not', async (t) => {
  const { proxy, origin } = await start(t, [down, fine], outside);
  const response = await proxy.send(requestWith({ 'x-envoy-retry-on': '5xx' }));
  t.equal(response.status, 503);
  t.equal(origin.requests.length, 1);
  t.equal(headerValue(origin.requests[0]?.headers ?? [], 'x-envoy-retry-on'), null);
});

t.test('an internal client limits the time', async (t) => {
  const { proxy, origin } = await start(t, [silent]);
  const response = await proxy.send(requestWith({ 'x-envoy-upstream-rq-timeout-ms': '50' }));
  t.equal(response.status, 504);
  t.match(await proxy.ending(), { flags: 'UT', details: 'response_timeout' });
  const { headers = [] } = origin.requests[0] ?? {};
  t.equal(headerValue(headers, 'x-envoy-expected-rq-timeout-ms'), '50');
  t.equal(headerValue(headers, 'x-envoy-upstream-rq-timeout-ms'), null);
});

t.test('and may ask for 204 in place of 504', async (t) => {
  const { proxy } = await start(t, [silent]);
  const response = await proxy.send(
    requestWith({
      'x-envoy-upstream-rq-timeout-ms': '50',
      'x-envoy-upstream-rq-timeout-alt-response': '1',
    }),
  );
  t.equal(response.status, 204);
  t.match(await proxy.ending(), { flags: 'UT', details: 'response_timeout' });
});

t.test('a limit for each try', async (t) => {
  const { proxy, origin } = await start(t, [silent, fine]);
  const response = await proxy.send(
    requestWith({ 'x-envoy-upstream-rq-per-try-timeout-ms': '50', 'x-envoy-retry-on': '5xx' }),
  );
  t.equal(response.status, 200);
  t.equal(origin.requests.length, 2);
  const { headers = [] } = origin.requests[1] ?? {};
  t.equal(headerValue(headers, 'x-envoy-expected-rq-timeout-ms'), '50');
});

t.test('a route that sets retry fields steers its own retries', async (t) => {
  const requestHeaders = {
    remove: [],
    set: [{ name: 'x-envoy-retry-on', value: '5xx' }],
    add: [],
  };
  const { proxy, origin } = await proxiedOrigin(t, answers(down, fine), {
    action: { retryPolicy: retryPolicy({ retryOn: [], numRetries: 1 }) },
    route: { requestHeaders },
  });
  t.equal((await proxy.send(requestWith())).status, 200);
  t.equal(origin.requests.length, 2);
  const { headers = [] } = origin.requests[1] ?? {};
  t.equal(headerValue(headers, 'x-envoy-retry-on'), null);
});

t.test('who forces a trace is told the id of the request', async (t) => {
  const { proxy } = await start(t, [fine]);
  const forced = { 'x-envoy-force-trace': '1', 'x-request-id': 'own' };
  const told = await proxy.send(requestWith(forced));
  t.equal(headerValue(told.headers, 'x-request-id'), 'own');
  const plain = await proxy.send(requestWith({ 'x-request-id': 'own' }));
  t.equal(headerValue(plain.headers, 'x-request-id'), null);
});

t.test('an external client is told nothing', async (t) => {
  const { proxy } = await start(t, [fine], outside);
  const response = await proxy.send(requestWith({ 'x-envoy-force-trace': '1' }));
  t.equal(headerValue(response.headers, 'x-request-id'), null);
});

/**
 * The objects of an exchange keep one shape whatever happens to them, so that the code that reads
 * them stays monomorphic. V8 itself is asked; the runner gives every test file its own process.
 */

import { setFlagsFromString } from 'node:v8';
import t, { type Test } from 'tap';
import { Attempt } from '../../src/proxy/router/attempt.ts';
import { Router } from '../../src/proxy/router/router.ts';
import { Stream } from '../../src/proxy/stream/stream.ts';
import { clusterOf, meshOf, retryPolicy } from '../support/mesh-models.ts';
import { postRequest } from '../support/proxied-origin.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { getRequest } from '../support/raw-client.ts';
import { forwardTo, pathMatch, redirectTo, route } from '../support/route-models.ts';
import { ok, type Script, scriptedOrigin } from '../support/scripted-origin.ts';

setFlagsFromString('--allow-natives-syntax');
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (
  a: object,
  b: object,
) => boolean;

interface Started {
  start(...values: unknown[]): void;
}

/** Every instance whose `start` is called from now on. */
function instancesOf(t: Test, prototype: object): object[] {
  const instances: object[] = [];
  const target = prototype as Started;
  const { start } = target;
  target.start = function (this: Started, ...values) {
    instances.push(this);
    start.apply(this, values);
  };
  t.teardown(() => {
    target.start = start;
  });
  return instances;
}

const script: Script = ({ startLine, body }, { socket }) => {
  if (startLine.includes('/close')) socket.end();
  else if (startLine.includes('/fail')) return 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n';
  else if (startLine.includes('/chunked')) {
    return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n';
  } else return ok(body.toString('latin1'));
  return null;
};

const requests: readonly string[] = [
  getRequest('/', 'a'),
  getRequest('/?q=1', 'a', [['X-Own', '1']]),
  postRequest('/', 'the body'),
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
  getRequest('/chunked', 'a'),
  getRequest('/fail', 'a'),
  getRequest('/close', 'a'),
  getRequest('/redirect', 'a'),
  getRequest('/missing', 'a'),
  postRequest('/', '', 'Content-Type: application/grpc\r\nGrpc-Timeout: 1S\r\n'),
  'GET / HTTP/1.1\r\n\r\n',
  'no HTTP at all\r\n\r\n',
];

t.test('instances of each class share one shape after different exchanges', async (t) => {
  const origin = await scriptedOrigin(script);
  t.teardown(() => origin.stop());
  const action = {
    timeoutMs: 5_000,
    retryPolicy: retryPolicy({ perTryTimeoutMs: 4_000 }),
    mirrors: [{ cluster: 'mirror', percentage: 500_000 }],
  };
  const proxy = await ProxyHarness.start(
    t,
    meshOf({
      clusters: ['origin', 'mirror'].map((name) => clusterOf(name, [origin.port])),
      routes: [
        route('r', { path: pathMatch('prefix', '/redirect') }, redirectTo({ host: 'b' })),
        route('m', { path: pathMatch('prefix', '/missing') }, forwardTo('missing')),
        route('all', {}, forwardTo('origin', action)),
      ],
    }),
  );
  const streams = instancesOf(t, Stream.prototype);
  const routers = instancesOf(t, Router.prototype);
  const attempts = instancesOf(t, Attempt.prototype);
  for (const request of [...requests, ...requests]) await proxy.send(request);
  await proxy.ending(2 * requests.length);
  const infos = proxy.ended.map(({ info }) => info);
  const kinds: Readonly<Record<string, readonly object[]>> = {
    Stream: streams,
    Router: routers,
    Attempt: attempts,
    StreamInfo: infos,
    HeaderList: infos.flatMap(({ requestHeaders: a, responseHeaders: b }) =>
      [a, b].filter((headers) => headers !== null),
    ),
  };
  for (const [name, instances] of Object.entries(kinds)) {
    const [first] = instances;
    if (first === undefined) throw new Error(`no ${name}`);
    t.ok(instances.length > 10, `${instances.length} of ${name}`);
    t.equal(instances.filter((other) => !haveSameMap(first, other)).length, 0, name);
  }
});

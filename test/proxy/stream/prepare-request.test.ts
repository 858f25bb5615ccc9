/** From bytes to a request that can be routed, or to a refusal. */

import t from 'tap';
import type { HttpSettings } from '../../../src/model/http-settings.ts';
import { clusterOf, httpSettings, meshOf, sidecarSettings } from '../../support/mesh-models.ts';
import { postRequest, proxiedOrigin } from '../../support/proxied-origin.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { methodAndPath, ok, scriptedOrigin } from '../../support/scripted-origin.ts';

t.test('what frames or routes a request is never removed by its connection line', async (t) => {
  for (const name of ['content-length', 'host', 'transfer-encoding', 'te']) {
    const { proxy, origin } = await proxiedOrigin(t, ({ body }) => ok(body.toString('latin1')));
    const response = await proxy.send(
      postRequest('/', 'abc', `Connection: keep-alive, ${name}\r\n`),
    );
    if (response.status === 200) t.equal(origin.requests[0]?.body.toString(), 'abc', name);
    else t.equal(response.status, 400, name);
  }
});

t.test('the authority is that of the target, else the host line', async (t) => {
  const rows: readonly (readonly [target: string, authority: string, path: string])[] = [
    ['/a?b=1', 'host.example', '/a?b=1'],
    ['http://other.example/a?b=1', 'other.example', '/a?b=1'],
    ['http://other.example:81', 'other.example:81', '/'],
    ['http://me@other.example/', 'other.example', '/'],
  ];
  const { proxy, origin } = await proxiedOrigin(t, (request) => ok(methodAndPath(request)));
  for (const [index, [target, authority, path]] of rows.entries()) {
    const response = await proxy.send(`GET ${target} HTTP/1.1\r\nHost: host.example\r\n\r\n`);
    t.equal(response.body.toString(), `GET ${path}`, target);
    t.same(origin.requests[index]?.headers[0], ['host', authority], target);
    t.match(await proxy.ending(index + 1), { info: { authority, path } });
  }
});

t.test('a proxy before that says nothing of the scheme', async (t) => {
  const origin = await scriptedOrigin((request) => ok(methodAndPath(request)));
  t.teardown(() => origin.stop());
  const clusters = [clusterOf('origin', [origin.port])];
  for (const [hops, status] of [
    [0, 200],
    [1, 404],
  ] as const) {
    const http = httpSettings({ xffNumTrustedHops: hops });
    const proxy = await ProxyHarness.start(t, meshOf({ clusters, http }));
    const response = await proxy.send(getRequest('/', 'a', [['X-Forwarded-Proto', '']]));
    t.equal(response.status, status);
    if (status === 404) t.match(await proxy.ending(), { flags: 'NR', details: 'route_not_found' });
  }
});

t.test('within the mesh an absolute target says the scheme', async (t) => {
  const origin = await scriptedOrigin((request) => ok(methodAndPath(request)));
  t.teardown(() => origin.stop());
  const clusters = [clusterOf('origin', [origin.port])];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters, http: sidecarSettings() }));
  await proxy.send('GET https://a/x HTTP/1.1\r\nHost: b\r\n\r\n');
  t.match(await proxy.ending(1), { info: { scheme: 'https', authority: 'a', path: '/x' } });
  await proxy.send('GET http://a/x HTTP/1.1\r\nX-Forwarded-Proto: https\r\n\r\n');
  t.match(await proxy.ending(2), { info: { scheme: 'http' } });
});

t.test('what is refused before routes are asked', async (t) => {
  const rows: readonly (readonly [string, string, number, string])[] = [
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400, 'missing_host_header'],
    [
      'the server as a whole',
      'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
      404,
      'absolute_path_rejected',
    ],
    [
      'no path but a query',
      'GET http://a?b=1 HTTP/1.1\r\nHost: a\r\n\r\n',
      404,
      'absolute_path_rejected',
    ],
    [
      'a target that was meant for TLS',
      'GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n',
      403,
      'http1.invalid_scheme',
    ],
    [
      'a question in no language',
      'QUERY / HTTP/1.1\r\nHost: a\r\n\r\n',
      400,
      'query_missing_content_type',
    ],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 404, 'route_not_found'],
    ['an encoded NUL', 'GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'path_normalization_failed'],
  ];
  for (const [name, bytes, status, details] of rows) {
    const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
    t.equal((await proxy.send(bytes)).status, status, name);
    const ending = await proxy.ending();
    t.match(ending, { status, details }, name);
    const hasId = name === 'a tunnel';
    t.equal(ending.info.requestId !== null, hasId, `${name}: only what could be routed has an id`);
    t.equal(origin.requests.length, 0, `${name}: nothing goes upstream`);
  }
});

t.test('a request without a body ends with its head', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'));
  await proxy.send('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n');
  const { info } = await proxy.ending();
  t.ok(info.requestEndAt >= info.startedAt, 'also where the proxy answers itself');
});

async function pathsWith(
  t: Parameters<typeof proxiedOrigin>[0],
  changes: Partial<HttpSettings>,
  path: string,
): Promise<string> {
  const origin = await scriptedOrigin((request) => ok(methodAndPath(request)));
  t.teardown(() => origin.stop());
  const clusters = [clusterOf('origin', [origin.port])];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters, http: httpSettings(changes) }));
  return (await proxy.send(getRequest(path, 'a'))).body.toString();
}

t.test('paths are normalised as the listener says', async (t) => {
  const path = '/a/../b//c%2Fd';
  t.equal(await pathsWith(t, { pathNormalization: 'NONE' }, path), `GET ${path}`);
  t.equal(await pathsWith(t, { pathNormalization: 'BASE' }, path), 'GET /b//c%2Fd');
  t.equal(await pathsWith(t, { pathNormalization: 'MERGE_SLASHES' }, path), 'GET /b/c%2Fd');
  t.equal(
    await pathsWith(t, { pathNormalization: 'DECODE_AND_MERGE_SLASHES' }, path),
    'GET /b/c/d',
  );
});

t.test('an offer of h2c is declined by serving the request', async (t) => {
  for (const connection of ['Upgrade, HTTP2-Settings', 'Upgrade']) {
    const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
    const request = getRequest('/', 'a', [
      ['Connection', connection],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
    ]);
    t.equal((await proxy.send(request)).status, 200);
    const names = origin.requests[0]?.headers.map(([name]) => name) ?? [];
    for (const name of ['connection', 'upgrade', 'http2-settings']) t.notOk(names.includes(name));
  }
});

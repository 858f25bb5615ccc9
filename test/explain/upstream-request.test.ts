/** What an explanation says of the request that goes upstream is what an endpoint then gets. */

import t, { type Test } from 'tap';
import { readAskedRequest } from '../../src/explain/asked-request.ts';
import { compileConfig } from '../../src/explain/compile-config.ts';
import { explainRequest } from '../../src/explain/explain-request.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import type { HttpSettings } from '../../src/model/http-settings.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { Route } from '../../src/model/route.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { clusterOf, httpSettings, meshOf, sidecarSettings } from '../support/mesh-models.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { forwardTo, route, weightedCluster } from '../support/route-models.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';

const sent: readonly (readonly [string, string])[] = [
  ['x-user', 'jane'],
  ['x-gone', '1'],
  ['x-envoy-retry-on', '5xx'],
  ['te', 'trailers'],
  ['connection', 'keep-alive, x-hop'],
  ['x-hop', '1'],
  ['cookie', 'a=b'],
];

function explain(mesh: Mesh, url: string): Explanation {
  const headers = sent.map(([name, value]) => `${name}: ${value}`);
  const asked = readAskedRequest({ url, headers });
  if (!asked.ok) throw new Error(asked.error);
  const explained = explainRequest(compileConfig(mesh, hash64), asked.value);
  if (!explained.ok) throw new Error(explained.error);
  return explained.value;
}

async function compareWithWire(
  t: Test,
  http: HttpSettings,
  changes: Partial<Route>,
): Promise<void> {
  const origin = await scriptedOrigin(() => ok('x'));
  t.teardown(() => origin.stop());
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    routes: [{ ...route('all', {}), ...changes }],
    http,
  });
  const proxy = await ProxyHarness.start(t, mesh);
  const explained = explain(mesh, 'http://a.test/shop/1?x=y');
  const { status } = await exchange(getRequest('/shop/1?x=y', 'a.test', sent), {
    port: proxy.port,
  });
  t.equal(status, 200);
  const [request] = origin.requests;
  t.equal(request?.startLine, `GET ${explained.upstreamPath} HTTP/1.1`);
  const wire = (request?.headers ?? [])
    .map(([name, value]) => `${name}: ${name === 'x-request-id' ? 'a new UUID' : value}`)
    .sort();
  const said = explained.targets[0]?.upstreamHeaders.map(({ name, value }) => `${name}: ${value}`);
  t.same(said?.sort(), wire);
}

t.test('a route that changes nothing', async (t) => {
  await compareWithWire(t, httpSettings(), { action: forwardTo('origin') });
  await compareWithWire(t, sidecarSettings(), { action: forwardTo('origin') });
});

t.test('path, host, timeout and headers of the route and of its cluster', async (t) => {
  const clusters = [
    {
      ...weightedCluster('origin'),
      requestHeaders: { set: [{ name: 'x-subset', value: 'v2' }], add: [], remove: [] },
    },
  ];
  const action = forwardTo('origin', {
    clusters,
    prefixRewrite: '/new/',
    hostRewrite: 'b.test',
    timeoutMs: 2500,
  });
  const requestHeaders = {
    set: [{ name: 'x-user', value: 'of %REQ(x-user)% at %REQ(:authority)%' }],
    add: [{ name: 'cookie', value: 'c=d' }],
    remove: ['x-gone'],
  };
  await compareWithWire(t, httpSettings(), { action, requestHeaders });
});

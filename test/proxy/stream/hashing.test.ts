/** Requests that are hashed: by what they go, where they go, and what cookie tells so. */

import t, { type Test } from 'tap';
import type { LoadBalancerPolicy } from '../../../src/model/cluster-policy.ts';
import type { Route } from '../../../src/model/route.ts';
import type { HashPolicy } from '../../../src/model/route-policy.ts';
import { type HeaderPair, headerValues } from '../../support/http-reader.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { httpOrigin } from '../../support/origin.ts';
import { refusingPort } from '../../support/proxied-origin.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route, weightedCluster } from '../../support/route-models.ts';

const loadBalancer: LoadBalancerPolicy = { policy: 'RING_HASH', minimumRingSize: 1024 };
const user: HashPolicy = { kind: 'header', name: 'x-user' };

function cookie(name: string): HashPolicy {
  return { kind: 'cookie', name, path: null, ttlSeconds: 0, attributes: [] };
}

/** Clusters v1 and v2 with three endpoints each; `dead` has one on which nobody listens. */
async function serve(t: Test, action: Route) {
  const clusters = [clusterOf('dead', [await refusingPort()])];
  for (const name of ['v1', 'v2']) {
    const origins = await Promise.all(
      [1, 2, 3].map((number) => httpOrigin((_, response) => response.end(`${name}-${number}`))),
    );
    t.teardown(() => Promise.all(origins.map((origin) => origin.stop())));
    const ports = origins.map(({ port }) => port);
    clusters.push(clusterOf(name, ports, { loadBalancer }));
  }
  return ProxyHarness.start(t, meshOf({ clusters, routes: [action] }));
}

async function visit(proxy: ProxyHarness, headers: readonly HeaderPair[]): Promise<string> {
  const { body } = await proxy.send(getRequest('/', 'a', headers));
  return body.toString('latin1');
}

const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);

async function endpointsOfUsers(proxy: ProxyHarness): Promise<Set<string>> {
  const chosen = new Set<string>();
  for (const name of users) chosen.add(await visit(proxy, [['x-user', name]]));
  return chosen;
}

t.test('the hash is that of the request as the route has changed it', async (t) => {
  const plain = route('r', {}, forwardTo('v1', { hashPolicies: [user] }));
  t.equal((await endpointsOfUsers(await serve(t, plain))).size, 3);
  const requestHeaders = { set: [{ name: 'x-user', value: 'all' }], add: [], remove: [] };
  t.equal((await endpointsOfUsers(await serve(t, { ...plain, requestHeaders }))).size, 1);
});

t.test('missing cookies are set on responses of the upstream', async (t) => {
  const hashPolicies = [cookie('one'), cookie('two')];
  const proxy = await serve(t, route('r', {}, forwardTo('v1', { hashPolicies })));
  const { headers, body } = await proxy.send(getRequest('/', 'a'));
  const lines = headerValues(headers, 'set-cookie');
  const values = lines.map((line) => /^(\w+)="([0-9a-f]{16})"; HttpOnly$/.exec(line) ?? []);
  t.same(
    values.map(([, name]) => name),
    ['one', 'two'],
  );
  const sent = values.map(([, name, value]) => `${name}=${value}`).join('; ');
  const again = await proxy.send(getRequest('/', 'a', [['cookie', sent]]));
  t.equal(again.body.toString(), body.toString());
  t.same(headerValues(again.headers, 'set-cookie'), []);
});

t.test('an answer of the proxy sets no cookie, and a route may take it away', async (t) => {
  const action = { hashPolicies: [cookie('one')] };
  const dead = await serve(t, route('r', {}, forwardTo('dead', action)));
  const refused = await dead.send(getRequest('/', 'a'));
  t.equal(refused.status, 503);
  t.same(headerValues(refused.headers, 'set-cookie'), []);
  const responseHeaders = { set: [], add: [], remove: ['set-cookie'] };
  const removing = await serve(t, { ...route('r', {}, forwardTo('v1', action)), responseHeaders });
  t.same(headerValues((await removing.send(getRequest('/', 'a'))).headers, 'set-cookie'), []);
});

t.test('each attempt adds the lines again, as in Envoy', async (t) => {
  const origin = await httpOrigin((_, response) => response.writeHead(503).end());
  t.teardown(() => origin.stop());
  const action = { hashPolicies: [cookie('one')], retryPolicy: retryPolicy({ numRetries: 2 }) };
  const failing = clusterOf('failing', [origin.port], { loadBalancer });
  const routes = [route('r', {}, forwardTo('failing', action))];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [failing], routes }));
  const lines = headerValues((await proxy.send(getRequest('/', 'a'))).headers, 'set-cookie');
  t.equal(lines.length, 3);
  t.equal(new Set(lines).size, 1);
});

const clusters = [weightedCluster('v1', 50), weightedCluster('v2', 50)];

t.test('sticky weights keep a key on its cluster and its endpoint', async (t) => {
  const action = forwardTo('', { clusters, hashPolicies: [user], stickyWeights: true });
  const proxy = await serve(t, route('r', {}, action));
  const first = new Map<string, string>();
  for (const name of users) first.set(name, await visit(proxy, [['x-user', name]]));
  for (let round = 0; round < 3; round++) {
    for (const name of users) t.equal(await visit(proxy, [['x-user', name]]), first.get(name));
  }
  const reached = [...first.values()].map((endpoint) => endpoint.slice(0, 2));
  t.same([...new Set(reached)].sort(), ['v1', 'v2']);
});

t.test('a new client stays where its cookie was made', async (t) => {
  const action = forwardTo('', { clusters, hashPolicies: [cookie('one')], stickyWeights: true });
  const proxy = await serve(t, route('r', {}, action));
  for (let client = 0; client < 10; client++) {
    const { headers, body } = await proxy.send(getRequest('/', 'a'));
    const [line = ''] = headerValues(headers, 'set-cookie');
    const sent = line.slice(0, line.indexOf(';'));
    for (let i = 0; i < 3; i++) t.equal(await visit(proxy, [['cookie', sent]]), body.toString());
  }
});

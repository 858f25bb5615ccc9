/** Session persistence of rules: what is hashed, where, and what it leaves as it is. */

import t from 'tap';
import { resource } from '../../translate/translate-yaml.ts';
import { gw, httpRoute, routeLines, routeOf, services, translated } from './route-yaml.ts';

const known = `${gw}${services('a', 'b')}`;
const toA = 'backendRefs: [{name: a, port: 80}]';

function hashed(session: string, backends = toA) {
  const route = httpRoute('r', [`{${backends}, sessionPersistence: {${session}}}`]);
  const { action } = routeOf(translated(known, route));
  if (action.kind !== 'forward') throw new Error(`it is a ${action.kind}`);
  return action;
}

const cookie = { kind: 'cookie', name: 's', path: '/', attributes: [] } as const;
const sessions: Readonly<Record<string, object>> = {
  'sessionName: s': { ...cookie, ttlSeconds: 0 },
  'sessionName: s, absoluteTimeout: 1h': { ...cookie, ttlSeconds: 0 },
  'sessionName: s, absoluteTimeout: 1h, cookieConfig: {lifetimeType: Permanent}': {
    ...cookie,
    ttlSeconds: 3600,
  },
  'type: Cookie': { ...cookie, name: 'sluice-session', ttlSeconds: 0 },
  'type: Header, sessionName: X-S': { kind: 'header', name: 'x-s' },
};

for (const [session, expected] of Object.entries(sessions)) {
  t.test(session, async (t) => t.same(hashed(session).hashPolicies, [expected]));
}

t.test('the endpoints are hashed for this rule alone', async (t) => {
  const rules = [
    `{${toA}, sessionPersistence: {sessionName: s}}`,
    `{matches: [{path: {value: /p}}], ${toA}}`,
  ];
  const translation = translated(known, httpRoute('r.x', rules));
  t.same(routeLines(translation), [
    'default.r.x.1: path-separated-prefix /p -> a',
    'default.r.x.0: prefix / -> a#session~default~r.x~0',
  ]);
  const policies = translation.mesh.clusters
    .filter(({ name }) => name.includes('|a.default'))
    .map(({ name, loadBalancer }) => `${name.split('|')[2]} ${loadBalancer.policy}`);
  t.same(policies, [' LEAST_REQUEST', 'session~default~r.x~0 RING_HASH']);
});

t.test('a client of several backends stays with one of them', async (t) => {
  const both = 'backendRefs: [{name: a, port: 80}, {name: b, port: 80, weight: 3}]';
  const action = hashed('sessionName: s', both);
  t.equal(action.stickyWeights, true);
  t.equal(action.hashPolicies.length, 1);
});

t.test("the user's own rule for the Service goes on to hold", async (t) => {
  const own = resource(
    'DestinationRule',
    'default/own',
    '{host: a, trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 7}}}}',
  );
  const route = httpRoute('r', [`{${toA}, sessionPersistence: {sessionName: s}}`]);
  const { mesh, findings } = translated(known, own, route);
  const cluster = mesh.clusters.find(({ name }) => name.includes('|session~default~r~0|a.'));
  t.match(cluster, { circuitBreaker: { maxPendingRequests: 7 } });
  t.same(findings, []);
});

t.test('whatever rule of the user holds, requests find the session', async (t) => {
  const pool = 'trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 7}}}';
  const rules: Readonly<Record<string, string>> = {
    'of the client, for a wildcard': `{host: "*.shop.svc.cluster.local", ${pool}}`,
    'of the client, for some workloads': `{host: a.shop.svc.cluster.local, workloadSelector: {matchLabels: {app: x}}, ${pool}}`,
  };
  const toShop = 'backendRefs: [{name: a, namespace: shop, port: 80}]';
  const grant = resource(
    'ReferenceGrant',
    'shop/g',
    '{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [{group: "", kind: Service}]}',
  ).replace('networking.istio.io/v1', 'gateway.networking.k8s.io/v1beta1');
  const route = httpRoute('r', [`{${toShop}, sessionPersistence: {sessionName: s}}`]);
  const all = [
    ...Object.entries(rules).map(([which, spec]) => [
      which,
      resource('DestinationRule', 'default/d', spec),
    ]),
    [
      'which the client does not see',
      resource('DestinationRule', 'shop/d', `{host: a, exportTo: ["."], ${pool}}`),
    ],
  ] as const;
  for (const [which, rule = ''] of all) {
    const translation = translated(gw, services('shop/a'), grant, route, rule);
    t.match(routeLines(translation), [/#session~default~r~0$/], which);
    const cluster = translation.mesh.clusters.find(({ name }) => name.includes('|session~'));
    t.equal(cluster?.loadBalancer.policy, 'RING_HASH', which);
    t.same(translation.findings, [], which);
  }
});

t.test('no two rules have one subset', async (t) => {
  const session = (name: string) => `{${toA}, sessionPersistence: {sessionName: ${name}}}`;
  const routes = [httpRoute('b-c', [session('one')]), httpRoute('b.c', [session('two')])];
  const grpc = httpRoute('b-c', [session('three')]).replace('HTTPRoute', 'GRPCRoute');
  const { mesh } = translated(known, ...routes, grpc);
  const names = mesh.clusters.filter(({ name }) => name.includes('session~'));
  t.equal(names.length, 3);
});

t.test('a backend that is not there needs no rule', async (t) => {
  const nope = 'backendRefs: [{name: nope, port: 80}]';
  const route = httpRoute('r', [`{${nope}, sessionPersistence: {sessionName: s}}`]);
  const { findings } = translated(known, route);
  t.same(
    findings.map(({ code }) => code),
    ['SLC0203'],
  );
});

/** Rules as they are made from an Ingress or from the Gateway API. */

import t from 'tap';
import type { RouteExtension } from '../../../../src/config/schema/route-extension.ts';
import type { HttpRoute } from '../../../../src/config/schema/virtual-service.ts';
import { translateMesh } from '../../../../src/config/translate/mesh.ts';
import type { Route } from '../../../../src/model/route.ts';
import type { PathMatch } from '../../../../src/model/route-match.ts';
import { load, resource, routes, service, sidecar } from '../translate-yaml.ts';

/** The first route of a rule with this extension. */
function translated(extension: RouteExtension, rule: Partial<HttpRoute> = {}): Route {
  const plain = '{hosts: [a], http: [{route: [{destination: {host: a}}]}]}';
  const resources = load(service('a') + service('b') + resource('VirtualService', 'a', plain));
  const virtualServices = resources.virtualServices.map((made) => {
    const http: HttpRoute = { route: [{ destination: { host: 'a' } }], ...rule, extension };
    return { ...made, spec: { ...made.spec, http: [http] } };
  });
  const translation = translateMesh({ ...resources, virtualServices }, sidecar);
  const [route] = routes(translation, 'a') ?? [];
  if (route === undefined) throw new Error('there is no route');
  return route;
}

const gatewayApi: RouteExtension = { semantics: 'gateway-api' };
const ingress: RouteExtension = { semantics: 'ingress' };

const forwardOf = (route: Route) => (route.action.kind === 'forward' ? route.action : null);

t.test('prefixes stop at a slash', async (t) => {
  const cases: readonly [string, RouteExtension, PathMatch['kind'], string][] = [
    ['/a', gatewayApi, 'path-separated-prefix', '/a'],
    ['/a/', gatewayApi, 'path-separated-prefix', '/a'],
    ['/a/', ingress, 'path-separated-prefix', '/a'],
    ['/a//', ingress, 'path-separated-prefix', '/a/'],
    ['/', ingress, 'prefix', '/'],
    ['/a/', { ...ingress, plainPrefixes: true }, 'prefix', '/a/'],
  ];
  for (const [prefix, extension, kind, value] of cases) {
    const { match } = translated(extension, { match: [{ uri: { prefix } }] });
    t.same(match.path, { kind, value, ignoreCase: false }, prefix);
  }
});

t.test('destinations that do not exist, and prefixes that become a slash', async (t) => {
  const rule = { match: [{ uri: { prefix: '/old' } }], rewrite: { uri: '/' } };
  t.match(forwardOf(translated(gatewayApi, rule)), {
    clusterNotFoundStatus: 500,
    prefixRewrite: '',
  });
  t.match(forwardOf(translated(ingress, rule)), { clusterNotFoundStatus: 503, prefixRewrite: '/' });
  const nowhere = { route: [{ destination: { host: '' } }] };
  t.match(forwardOf(translated(gatewayApi, nowhere))?.clusters, [{ cluster: 'UnknownService' }]);
});

t.test('what a request must pass', async (t) => {
  t.notOk('admission' in translated(ingress));
  const rateLimits = [
    { name: 'r', milliRequestsPerSecond: 5000, burst: 25, status: 503, exempt: ['10.0.0.0/8'] },
  ];
  const sourceIps = { deny: ['192.0.2.1'], allow: null };
  t.same(translated({ ...ingress, rateLimits, sourceIps, maxRequestBytes: 8 }).admission, {
    rateLimits,
    concurrencyLimits: [],
    sourceIps,
    maxRequestBytes: 8,
  });
  const redirect = { redirect: { uri: '/b' } };
  t.notOk('admission' in translated({ ...ingress, maxRequestBytes: 8 }, redirect));
});

t.test('answers from elsewhere name a cluster', async (t) => {
  const requestHeaders = { 'X-Namespace': 'shop' };
  const errorResponses = {
    statuses: [404, 503],
    destination: { host: 'b.default.svc.cluster.local', port: { number: 80 } },
    requestHeaders,
  };
  t.same(translated({ ...ingress, errorResponses }).customResponse, {
    statuses: [404, 503],
    cluster: 'outbound|80||b.default.svc.cluster.local',
    requestHeaders,
  });
});

t.test('hashes, idle endpoints and sticky weights of the rule alone', async (t) => {
  const hashPolicies = [{ kind: 'header', name: ':path' }] as const;
  const extension = { ...ingress, hashPolicies, idleTimeoutMs: 60_000, stickyWeights: true };
  const route = [
    { destination: { host: 'a' }, weight: 1 },
    { destination: { host: 'b' }, weight: 1 },
  ];
  t.match(forwardOf(translated(extension, { route })), {
    hashPolicies,
    idleTimeoutMs: 60_000,
    stickyWeights: true,
  });
  t.notOk('idleTimeoutMs' in (forwardOf(translated(ingress)) ?? {}));
});

t.test('a redirect of an Ingress to another scheme has no port', async (t) => {
  const redirect = { scheme: 'https' };
  t.match(translated(ingress, { route: [], redirect }).action, { port: null, dropsPort: true });
  t.notOk('dropsPort' in translated(gatewayApi, { route: [], redirect }).action);
  t.notOk('dropsPort' in translated(ingress, { route: [], redirect: { uri: '/home' } }).action);
});

/**
 * An explanation is what the matcher does: for random tables and requests both come to the same
 * virtual host and route. 2,000 pairs; 100,000 with SLUICE_FULL=1.
 */

import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { readAskedRequest } from '../../src/explain/asked-request.ts';
import { compileConfig } from '../../src/explain/compile-config.ts';
import { explainRequest } from '../../src/explain/explain-request.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { rankVirtualHosts } from '../../src/explain/virtual-hosts.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { Route, RouteAction } from '../../src/model/route.ts';
import type { HeaderMatch, PathMatch, QueryParameterMatch } from '../../src/model/route-match.ts';
import type { RouteTable, VirtualHost } from '../../src/model/virtual-host.ts';
import { matchRoute } from '../../src/routing/match.ts';
import { rewritePath } from '../../src/routing/path-rewrite.ts';
import { redirectLocation } from '../../src/routing/redirect.ts';
import { compileRouteTable } from '../../src/routing/route-table.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { clusterOf, meshOf } from '../support/mesh-models.ts';
import {
  forwardTo,
  headerMatch,
  pathMatch,
  redirectTo,
  route,
  routeRequest,
  virtualHost,
  withoutHeader,
} from '../support/route-models.ts';

t.setTimeout(600_000);

const numRuns = process.env.SLUICE_FULL === '1' ? 100_000 : 2_000;

const paths = fc.oneof(
  fc
    .tuple(
      fc.constantFrom<PathMatch['kind']>('prefix', 'exact', 'path-separated-prefix'),
      fc.constantFrom('', '/', '/a', '/a/', '/ab', '/A/b', '/a/b/c', '/b', '/abc?d'),
      fc.boolean(),
    )
    .map(([kind, value, ignoreCase]) => pathMatch(kind, value, ignoreCase)),
  fc
    .constantFrom('/a.*', '/a/[a-z]+', '.*b', '(?i)/A', '/ab|/b', '(/a)+', '(')
    .map((value) => pathMatch('regex', value)),
);
const headers = fc.constantFrom<HeaderMatch>(
  headerMatch('x-user', { kind: 'exact', value: 'jason' }),
  headerMatch('x-user', { kind: 'present' }),
  headerMatch(':method', { kind: 'exact', value: 'POST' }),
  headerMatch(':authority', { kind: 'prefix', value: 'a.' }),
  withoutHeader('x-user', { kind: 'exact', value: 'jason' }),
);
const queries = fc.constantFrom<QueryParameterMatch>(
  { name: 'v', match: { kind: 'exact', value: '1' } },
  { name: 'v', match: { kind: 'present' } },
);
const actions = fc.constantFrom<RouteAction>(
  forwardTo('origin'),
  forwardTo('missing'),
  forwardTo('origin', { prefixRewrite: '/new' }),
  forwardTo('origin', { regexRewrite: { pattern: '/a', substitution: '/z' } }),
  redirectTo({ host: 'elsewhere.test', prefixRewrite: '/' }),
  redirectTo({ scheme: 'https', port: 8443 }),
  { kind: 'direct-response', status: 404, body: null },
);
const routes = fc.array(
  fc
    .record({
      path: paths,
      headers: fc.array(headers, { maxLength: 2 }),
      queryParameters: fc.array(queries, { maxLength: 1 }),
      action: actions,
    })
    .map(({ action, ...match }) => route('', match, action)),
  { maxLength: 24 },
);
const domains =
  'a.test A.TEST b.a.test *.test *.a.test *.A.test *test a.* b.* a.b* * a.test:8080 [::1] [::1]:80'
    .split(' ')
    // No wildcards where they stand, and so no names of any host.
    .concat(['a*t', '*a*']);
const tables = fc
  .tuple(fc.array(fc.tuple(fc.subarray(domains, { minLength: 1 }), routes), { maxLength: 5 }))
  .chain(([hosts]) => fc.tuple(fc.constant(hosts), fc.boolean()))
  .map(([hosts, ignorePortInHost]): RouteTable => {
    const virtualHosts = hosts.map(([names, own], index): VirtualHost => {
      const named = own.map((one, place): Route => ({ ...one, name: `${index}-${place}` }));
      return { ...virtualHost(names, named), name: `host ${index}` };
    });
    return { name: 'http.80', virtualHosts, ignorePortInHost, grpcWeb: false };
  });
const requests = fc.record({
  authority: fc.constantFrom(
    ...['a.test', 'a.test:8080', 'B.a.test', 'c.a.test', '.a.test', 'a.org', 'a*t', '[::1]:80'],
  ),
  path: fc.constantFrom('/', '/a', '/a/b', '/A/B', '/ab', '/abc', '/a/b/c', '/b', '/a/a', '/q'),
  query: fc.constantFrom('', '?v=1', '?v', '?w=1&v=2'),
  method: fc.constantFrom('GET', 'POST'),
  users: fc.subarray(['jason', 'bob']),
});

function meshWith(table: RouteTable): Mesh {
  return { ...meshOf({ clusters: [clusterOf('origin', [80])] }), routeTables: [table] };
}

t.test('explain answers what the matcher does', async (t) => {
  const seen = new Set<string>();
  const property = fc.property(tables, requests, (table, parts) => {
    const { authority, method, users } = parts;
    const path = parts.path + parts.query;
    const lines = users.map((user) => `X-User: ${user}`);
    const asked = readAskedRequest({ method, url: `http://${authority}${path}`, headers: lines });
    if (!asked.ok) throw new Error(asked.error);
    const explained = explainRequest(compileConfig(meshWith(table), hash64), asked.value);
    if (!explained.ok) throw new Error(explained.error);
    const named = users.map((user) => ['x-user', user] as const);
    const expected = expectedOf(table, routeRequest(path, { method, authority, headers: named }));
    const answer = told(explained.value);
    seen.add(answer.outcome);
    assert.deepEqual(answer, expected);
    const [closest] = rankVirtualHosts(compileRouteTable(table), authority);
    assert.equal(closest?.virtualHost.name ?? null, expected.host, 'the closest host is found');
    checkReasons(explained.value);
  });
  fc.assert(property, { numRuns });
  t.same([...seen].sort(), [
    'answered',
    'cluster-not-found',
    'forwarded',
    'not-found',
    'redirected',
  ]);
});

type Told = Pick<Explanation, 'outcome' | 'upstreamPath' | 'location'> & {
  readonly host: string | null;
  readonly route: string | null;
};

function told({ virtualHost, matched, outcome, upstreamPath, location }: Explanation): Told {
  const [host, route] = [virtualHost?.name ?? null, matched?.name ?? null];
  return { host, route, outcome, upstreamPath, location };
}

/** By the matcher alone, which knows nothing of explanations. */
function expectedOf(table: RouteTable, request: ReturnType<typeof routeRequest>): Told {
  const host = compileRouteTable(table).findVirtualHost(request.authority);
  const found = host === null ? null : matchRoute(host, request);
  const names = { host: host?.virtualHost.name ?? null, route: found?.route.name ?? null };
  const nothing = { ...names, upstreamPath: null, location: null };
  if (found === null) return { ...nothing, outcome: 'not-found' };
  const { action } = found;
  switch (action.kind) {
    case 'redirect':
      return {
        ...nothing,
        outcome: 'redirected',
        location: redirectLocation(action, request, found),
      };
    case 'direct-response':
      return { ...nothing, outcome: 'answered' };
    default: {
      const isThere = action.clusters.every(({ cluster }) => cluster === 'origin');
      const upstreamPath = isThere ? rewritePath(found, request.path) : request.path;
      const drawn = action.clusters.filter(({ weight }) => weight > 0);
      const isSent = drawn.some(({ cluster }) => cluster === 'origin');
      return { ...nothing, outcome: isSent ? 'forwarded' : 'cluster-not-found', upstreamPath };
    }
  }
}

/** Every route before the one that matches has a reason, and no host loses against itself. */
function checkReasons({ rejected, matched, virtualHost, lostVirtualHosts }: Explanation): void {
  rejected.forEach(({ route: { position }, mismatches }, index) => {
    if (position !== index || mismatches.length === 0) throw new Error('a route without a reason');
  });
  if (matched !== null && matched.position !== rejected.length)
    throw new Error('a route is left out');
  if (virtualHost !== null && !virtualHost.domains.includes(virtualHost.domain)) {
    throw new Error('the domain is of another host');
  }
  const isOwn = lostVirtualHosts.some(({ name }) => name === virtualHost?.name);
  if (isOwn) throw new Error('a host lost against itself');
}

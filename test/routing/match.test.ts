import fc from 'fast-check';
import t from 'tap';
import type { Route } from '../../src/model/route.ts';
import type { HeaderMatch, PathMatch, QueryParameterMatch } from '../../src/model/route-match.ts';
import { routeMatches } from '../../src/routing/compiled-route.ts';
import { explainRoute } from '../../src/routing/explain.ts';
import { matchRoute } from '../../src/routing/match.ts';
import { RouteIndex } from '../../src/routing/route-index.ts';
import type { RouteRequest } from '../../src/routing/route-request.ts';
import {
  compiledHost,
  headerMatch,
  pathMatch,
  route,
  routeRequest,
  withoutHeader,
} from '../support/route-models.ts';

function matchedName(routes: readonly Route[], request: RouteRequest): string | null {
  return matchRoute(compiledHost(routes), request)?.route.name ?? null;
}

t.test('the first route whose conditions all hold wins', async (t) => {
  const routes = [
    route('post', { headers: [headerMatch(':method', { kind: 'exact', value: 'POST' })] }),
    route('shop', { path: pathMatch('prefix', '/shop') }),
    route('cart', { path: pathMatch('exact', '/shop/cart') }),
  ];
  t.equal(matchedName(routes, routeRequest('/shop/cart')), 'shop');
  t.equal(matchedName(routes, routeRequest('/shop/cart', { method: 'POST' })), 'post');
  t.equal(matchedName(routes, routeRequest('/other')), null);
});

const paths: readonly [PathMatch, string, boolean][] = [
  [pathMatch('prefix', '/shop'), '/shopping', true],
  [pathMatch('prefix', '/shop/'), '/shop', false],
  [pathMatch('prefix', ''), '/any', true],
  [pathMatch('prefix', '/Shop', true), '/sHOPs', true],
  [pathMatch('exact', '/shop'), '/shop', true],
  [pathMatch('exact', '/shop'), '/shop?x=1', true],
  [pathMatch('exact', '/shop?x=1'), '/shop?x=1', false],
  [pathMatch('exact', '/shop'), '/Shop', false],
  [pathMatch('exact', '/shop', true), '/Shop', true],
  [pathMatch('exact', '/shop', true), '/Shop/', false],
  [pathMatch('regex', '/shop/[0-9]+'), '/shop/17?x', true],
  [pathMatch('regex', '/shop/[0-9]+', true), '/SHOP/17', false],
  [pathMatch('regex', '('), '(', false],
  [pathMatch('path-separated-prefix', '/shop'), '/shop', true],
  [pathMatch('path-separated-prefix', '/shop'), '/shop/cart', true],
  [pathMatch('path-separated-prefix', '/shop'), '/shopping', false],
];

t.test('paths are compared without their query', async (t) => {
  for (const [path, requested, expected] of paths) {
    const matched = matchedName([route('r', { path })], routeRequest(requested)) === 'r';
    t.equal(matched, expected, `${path.kind} ${path.value}: ${requested}`);
  }
});

t.test('query parameters are compared with the first of their name', async (t) => {
  const exact = (name: string, value: string): QueryParameterMatch => ({
    name,
    match: { kind: 'exact', value },
  });
  const one = [route('r', { queryParameters: [exact('v', '1')] })];
  t.equal(matchedName(one, routeRequest('/?v=1&v=2')), 'r');
  t.equal(matchedName(one, routeRequest('/?v=2&v=1')), null);
  t.equal(matchedName(one, routeRequest('/?v=%31')), null);
  const present = [route('r', { queryParameters: [{ name: 'v', match: { kind: 'present' } }] })];
  t.equal(matchedName(present, routeRequest('/?v')), 'r');
  t.equal(matchedName(present, routeRequest('/')), null);
});

t.test('a host with many routes is indexed, one with few is not', async (t) => {
  const routes = (count: number) => Array.from({ length: count }, (_, i) => route(`r${i}`));
  t.equal(compiledHost(routes(2)).index, null);
  t.ok(compiledHost(routes(100)).index instanceof RouteIndex);
});

const texts = fc.constantFrom('', '/', '/a', '/a/', '/ab', '/A/b', '/a/b/c', '/b', '/abc?d');
const pathMatches = fc.oneof(
  fc
    .tuple(
      fc.constantFrom<PathMatch['kind']>('prefix', 'exact', 'path-separated-prefix'),
      texts,
      fc.boolean(),
    )
    .map(([kind, value, ignoreCase]) => pathMatch(kind, value, ignoreCase)),
  fc
    .constantFrom('/a.*', '/a/[a-z]+', '.*b', '(?i)/A', '/ab|/b', '(/a)+', '(')
    .map((value) => pathMatch('regex', value)),
);
const headerMatches = fc.constantFrom<HeaderMatch>(
  headerMatch('x-user', { kind: 'exact', value: 'jason' }),
  headerMatch('x-user', { kind: 'present' }),
  headerMatch(':method', { kind: 'exact', value: 'POST' }),
  withoutHeader('x-user', { kind: 'exact', value: 'jason' }),
  withoutHeader('x-user', { kind: 'present' }),
);
const queryMatches = fc.constantFrom<QueryParameterMatch>(
  { name: 'v', match: { kind: 'exact', value: '1' } },
  { name: 'v', match: { kind: 'present' } },
);
const routes = fc.array(
  fc
    .record({
      path: pathMatches,
      headers: fc.array(headerMatches, { maxLength: 1 }),
      queryParameters: fc.array(queryMatches, { maxLength: 1 }),
    })
    .map((match) => route('r', match)),
  { maxLength: 40 },
);
const requests = fc
  .record({
    path: fc.constantFrom('/', '/a', '/a/b', '/A/B', '/ab', '/abc', '/a/b/c', '/b', '/a/a', '//'),
    query: fc.constantFrom('', '?v=1', '?v', '?w=1&v=2'),
    method: fc.constantFrom('GET', 'POST'),
    users: fc.subarray(['jason', 'bob']),
  })
  .map(({ path, query, method, users }) =>
    routeRequest(path + query, { method, headers: users.map((user) => ['x-user', user]) }),
  );

t.test('an index finds what looking at every route in turn finds', async () => {
  const property = fc.property(routes, requests, (models, request) => {
    const compiled = compiledHost(models).routes;
    const expected = compiled.find((candidate) => routeMatches(candidate, request)) ?? null;
    return new RouteIndex(compiled).find(request) === expected;
  });
  fc.assert(property, { numRuns: 5000 });
});

t.test('an explanation ends with the route that is chosen', async () => {
  const property = fc.property(routes, requests, (models, request) => {
    const host = compiledHost(models);
    const { matched, rejected } = explainRoute(host, request);
    const before = matched === null ? host.routes.length : matched.position;
    return (
      matched === matchRoute(host, request) &&
      rejected.length === before &&
      rejected.every(({ mismatches }) => mismatches.length > 0)
    );
  });
  fc.assert(property, { numRuns: 2000 });
});

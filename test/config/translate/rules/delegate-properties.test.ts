/** Whatever a delegate and the rule that includes it ask for, the merged rule asks for both. */

import fc from 'fast-check';
import t from 'tap';
import { routeMatches } from '../../../../src/routing/compiled-route.ts';
import type { RouteRequest } from '../../../../src/routing/route-request.ts';
import { compiledHost, routeRequest } from '../../../support/route-models.ts';
import { resource, routes, service, translate } from '../translate-yaml.ts';

type Match = Readonly<Record<string, unknown>>;

const to = [{ destination: { host: 'a' } }];
const fallback = { name: 'rest', route: to };

/** Whether one of the routes that these resources make for the host matches, the last one aside. */
function matcher(yaml: string): (request: RouteRequest) => boolean {
  const found = (routes(translate(service('a') + yaml), 'a') ?? []).filter(
    ({ name }) => name !== 'rest',
  );
  const { routes: compiled } = compiledHost(found);
  return (request) => compiled.some((route) => routeMatches(route, request));
}

function alone(matches: readonly Match[]): string {
  const http = JSON.stringify([{ name: 'x', match: matches, route: to }, fallback]);
  return resource('VirtualService', 'root', `{hosts: [a], http: ${http}}`);
}

function merged(root: readonly Match[], leaf: readonly Match[]): string {
  const rules = JSON.stringify([{ name: 'r', match: root, delegate: { name: 'leaf' } }, fallback]);
  const own = JSON.stringify([{ name: 'x', match: leaf, route: to }]);
  return (
    resource('VirtualService', 'root', `{hosts: [a], http: ${rules}}`) +
    resource('VirtualService', 'leaf', `{http: ${own}}`)
  );
}

const paths = fc.oneof(
  fc.constantFrom('/a', '/a/b', '/b').map((exact) => ({ exact })),
  fc.constantFrom('/', '/a', '/a/', '/a/b').map((prefix) => ({ prefix })),
  fc.constantFrom('/a.*', '.*b').map((regex) => ({ regex })),
);
const values = fc.oneof(
  fc.constantFrom('a', 'ab', 'b').map((exact) => ({ exact })),
  fc.constantFrom('a', 'ab').map((prefix) => ({ prefix })),
  fc.constantFrom({ regex: 'a.*' }, {}),
);
const names = fc.constantFrom('x', 'y');
const exact = fc.constantFrom('a', 'ab', 'b').map((text) => ({ exact: text }));
/** Most matches ask for little, or no request would fit two of them. */
function sometimes<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 1 });
}
const matches = fc.array(
  fc
    .record({
      uri: fc.option(paths, { nil: undefined, freq: 3 }),
      ignoreUriCase: fc.constantFrom(undefined, undefined, undefined, true),
      method: sometimes(fc.constantFrom({ exact: 'GET' }, { exact: 'PUT' }, { regex: 'P.*' })),
      headers: sometimes(fc.dictionary(names, values, { maxKeys: 2 })),
      // Of prefixes Istio keeps the delegate's, and so lets values pass that the root excludes.
      withoutHeaders: sometimes(fc.dictionary(names, exact, { maxKeys: 1 })),
      queryParams: sometimes(fc.dictionary(names, exact, { maxKeys: 1 })),
      port: fc.constantFrom(undefined, 0, 80),
    })
    .filter(({ uri, headers }) => uri !== undefined || Object.keys(headers ?? {}).length > 0),
  { minLength: 1, maxLength: 2 },
);
const requests = fc
  .record({
    path: fc.constantFrom('/', '/a', '/A', '/a/', '/a/b', '/a/b/c', '/b'),
    query: fc.constantFrom('', '?x=a', '?x=ab&y=b', '?x=a&y=b'),
    method: fc.constantFrom('GET', 'PUT', 'POST'),
    headers: fc.array(fc.tuple(names, fc.constantFrom('a', 'ab', 'abc', 'b')), { maxLength: 3 }),
  })
  .map(({ path, query, method, headers }) => routeRequest(path + query, { method, headers }));

t.test('what the merged rule takes, the root and the delegate take each', async (t) => {
  let taken = 0;
  const property = fc.property(
    matches,
    matches,
    fc.array(requests, { minLength: 60, maxLength: 60 }),
    (root, leaf, some) => {
      const inRoot = matcher(alone(root));
      const inLeaf = matcher(alone(leaf));
      const inBoth = matcher(merged(root, leaf));
      return some.filter(inBoth).every((request) => {
        taken++;
        return inRoot(request) && inLeaf(request);
      });
    },
  );
  fc.assert(property, { numRuns: 400 });
  t.ok(taken > 100, `${taken} requests were taken`);
});

t.test('a delegate may let pass what the root excludes by prefix, as in Istio', async (t) => {
  const root = [{ uri: { prefix: '/a' }, withoutHeaders: { x: { prefix: 'a' } } }];
  const leaf = [{ withoutHeaders: { x: { prefix: 'ab' } } }];
  const request = routeRequest('/a', { headers: [['x', 'ac']] });
  t.equal(matcher(alone(root))(request), false);
  t.equal(matcher(merged(root, leaf))(request), true);
});

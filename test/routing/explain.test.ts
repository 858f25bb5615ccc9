import t from 'tap';
import { explainRoute } from '../../src/routing/explain.ts';
import {
  compiledHost,
  headerMatch,
  pathMatch,
  route,
  routeRequest,
  withoutHeader,
} from '../support/route-models.ts';

t.test(
  'every condition that did not hold is named with what was asked and what came',
  async (t) => {
    const host = compiledHost([
      route('canary', {
        path: pathMatch('prefix', '/Shop', true),
        headers: [
          headerMatch('x-user', { kind: 'exact', value: 'jason' }),
          headerMatch(':method', { kind: 'exact', value: 'POST' }),
          withoutHeader('x-beta', { kind: 'present' }),
          headerMatch('x-missing', { kind: 'present' }),
        ],
        queryParameters: [{ name: 'v', match: { kind: 'regex', value: '[0-9]+' } }],
      }),
      route('rest'),
      route('unreached'),
    ]);
    const headers: [string, string][] = [
      ['x-user', 'bob'],
      ['x-user', 'eve'],
      ['x-beta', '1'],
    ];
    const { matched, rejected } = explainRoute(host, routeRequest('/cart?v=x', { headers }));
    t.equal(matched?.route.name, 'rest');
    t.equal(rejected.length, 1);
    t.same(rejected[0]?.mismatches, [
      { part: 'path', name: '', expected: 'prefix "/Shop" ignoring case', actual: ['/cart'] },
      { part: 'header', name: 'x-user', expected: 'exact "jason"', actual: ['bob', 'eve'] },
      { part: 'header', name: ':method', expected: 'exact "POST"', actual: ['GET'] },
      { part: 'header', name: 'x-beta', expected: 'not present', actual: ['1'] },
      { part: 'header', name: 'x-missing', expected: 'present', actual: null },
      { part: 'query-parameter', name: 'v', expected: 'regex "[0-9]+"', actual: ['x'] },
    ]);
  },
);

t.test('without a match every route is explained', async (t) => {
  const host = compiledHost([
    route('a', { path: pathMatch('exact', '/a') }),
    route('b', { path: pathMatch('regex', '/b.*') }),
  ]);
  const { matched, rejected } = explainRoute(host, routeRequest('/c'));
  t.equal(matched, null);
  t.same(
    rejected.map(({ route: { route } }) => route.name),
    ['a', 'b'],
  );
});

/** Canaries: which requests of a rule go to them, and which canaries are for nothing. */

import t from 'tap';
import type { HttpRoute } from '../../../../../src/config/schema/virtual-service.ts';
import { annotated, ingress, said } from './annotated.ts';

const main = ingress({});

function canary(annotations: Record<string, string>, parts = {}): string {
  return ingress({ canary: 'true', ...annotations }, { name: 'new', service: 'new', ...parts });
}

/** `header=value -> service weight …` of each route. */
function summary(routes: readonly HttpRoute[] = []): string[] {
  return routes.map(({ match = [], route = [] }) => {
    const headers = Object.entries(match[0]?.headers ?? {}).map(
      ([name, value]) => `${name}=${value.exact ?? value.regex} `,
    );
    const shares = route.map(
      ({ destination, weight }) => `${destination.host.split('.')[0]} ${weight}`,
    );
    return `${headers.join('')}-> ${shares.join(', ')}`;
  });
}

t.test('header, then cookie, then weight', async (t) => {
  const cases: readonly [Record<string, string>, string[]][] = [
    [{}, ['-> web 100']],
    [{ 'canary-weight': '30' }, ['-> web 70, new 30']],
    [{ 'canary-weight': '5', 'canary-weight-total': '1000' }, ['-> web 995, new 5']],
    [{ 'canary-weight': '5', 'canary-weight-total': '10' }, ['-> web 95, new 5']],
    [{ 'canary-weight': '100' }, ['-> new 100']],
    [
      { 'canary-by-header': 'X-New' },
      ['x-new=always -> new 100', 'x-new=never -> web 100', '-> web 100'],
    ],
    [
      { 'canary-by-header': 'X-New', 'canary-by-header-value': 'me' },
      ['x-new=me -> new 100', '-> web 100'],
    ],
    [
      { 'canary-by-header': 'X-New', 'canary-by-header-pattern': '^a\\d$' },
      ['x-new=a\\d -> new 100', '-> web 100'],
    ],
    [
      { 'canary-by-header': 'X-New', 'canary-by-header-pattern': 'b|c' },
      ['x-new=.*(?:b|c).* -> new 100', '-> web 100'],
    ],
    [
      { 'canary-by-cookie': 'a.b', 'canary-weight': '1' },
      [
        'cookie=(?:.*; *)?a\\.b=always(?:;.*)? -> new 100',
        'cookie=(?:.*; *)?a\\.b=never(?:;.*)? -> web 100',
        '-> web 99, new 1',
      ],
    ],
  ];
  for (const [annotations, expected] of cases) {
    const { routes, findings } = annotated(main, canary(annotations));
    t.same(summary(routes.get('a.com')), expected, JSON.stringify(annotations));
    t.same(findings, []);
  }
});

t.test('a canary has what the main Ingress asks for, and nothing of its own', async (t) => {
  const { routes } = annotated(
    ingress({ 'rewrite-target': '/x', 'limit-rps': '1' }),
    canary({ 'canary-by-header': 'new', 'rewrite-target': '/y', 'enable-cors': 'true' }),
  );
  for (const route of routes.get('a.com') ?? []) {
    t.same(route.rewrite, { uri: '/x' });
    t.match(route.extension?.rateLimits, [{ name: 'default/main rps' }]);
    t.equal(route.corsPolicy, undefined);
  }
});

t.test('clients that stay with an endpoint stay with the canary, unless told not to', async (t) => {
  const sticky = (behaviour: string) => {
    const { routes } = annotated(
      ingress({ affinity: 'cookie', 'affinity-canary-behavior': behaviour }),
      canary({ 'canary-weight': '10', 'canary-by-header': 'new' }),
    );
    return (routes.get('a.com') ?? []).map(({ extension }) => extension?.stickyWeights);
  };
  t.same(sticky('sticky'), [undefined, undefined, true]);
  t.same(sticky('legacy'), [undefined, undefined, undefined]);
});

t.test('a canary for nothing', async (t) => {
  const lonely = annotated(main, canary({}, { host: 'b.com' }));
  t.match(said(lonely), [/SLC0274 the canary has no effect: no other rule is for b\.com\/$/]);
  t.notOk(lonely.routes.has('b.com'));
  const second = annotated(main, canary({}), canary({}, { name: 'third' }));
  t.match(said(second), [/SLC0274/]);
  const broken = annotated(main, canary({}).replace('{number: 80}', '{name: none}'));
  t.match(said(broken), [/SLC0261 there is no Service default\/new/]);
  t.same(summary(broken.routes.get('a.com')), ['-> web 100']);
});

t.test('what the second destination says of its place', async (t) => {
  const { findings } = annotated(main, canary({ 'canary-weight': '200' }));
  t.match(findings, [
    { hint: 'it is a whole number from 0 to 100', resource: 'Ingress default/new' },
  ]);
});

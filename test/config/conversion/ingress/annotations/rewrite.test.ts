/** rewrite-target and use-regex: patterns of paths, and what becomes of them. */

import t from 'tap';
import { regexPath } from '../../../../../src/config/conversion/ingress/annotations/rewrite.ts';
import { annotated, ingress, routesFor, said } from './annotated.ts';

const prefix = (text: string) => ({ uri: { prefix: text }, ignoreUriCase: true });
const exact = (text: string) => ({ uri: { exact: text }, ignoreUriCase: true });
const regex = (pattern: string) => ({ uri: { regex: pattern } });
const replaced = (match: string, rewrite: string) => ({ uriRegexRewrite: { match, rewrite } });

t.test('a path as a pattern, and its rewrite', async (t) => {
  const cases: readonly [string, string | null, readonly object[], object | null][] = [
    ['/a', null, [prefix('/a')], null],
    ['/a', '/a', [prefix('/a')], null],
    ['/a', '/', [regex('(?i)/a.*')], { uri: '/' }],
    ['/a.*', null, [prefix('/a')], null],
    ['/a/(.*)', '/b/$1', [prefix('/a/')], { uri: '/b/' }],
    ['/a/(.*)', '$1', [regex('(?i)/a/(.*)')], replaced('(?i)^/a/(.*)$', '\\1')],
    ['/a.b', null, [regex('(?i)/a.b.*')], null],
    ['/a(/|$)(.*)', null, [prefix('/a/'), exact('/a')], null],
    ['/a(/|$)(.*)', '/$2', [prefix('/a/'), exact('/a')], { uri: '/' }],
    [
      '/(a|b)(/|$)(.*)',
      '/$1/$3',
      [regex('(?i)/(a|b)(?:/.*)?')],
      replaced('(?i)^/(a|b)(/|$)(.*)$', '/\\1/\\3'),
    ],
    ['/v(\\d+)/', '/x\\$1', [regex('(?i)/v(\\d+)/.*')], replaced('(?i)^/v(\\d+)/.*$', '/x\\\\\\1')],
    [
      '/(?:a|b)/[(](?P<n>.)\\(',
      '/$1/$2',
      [regex('(?i)/(?:a|b)/[(](?P<n>.)\\(.*')],
      replaced('(?i)^/(?:a|b)/[(](?P<n>.)\\(.*$', '/\\1/'),
    ],
    ['/a|/b', null, [regex('(?i).*(?:^/a|/b).*')], null],
    ['/a|/b$', '/$1', [regex('(?i).*(?:^/a|/b$).*')], replaced('(?i)^.*?(?:/a|/b$).*$', '/')],
    ['/(a|b/.*)', null, [regex('(?i)/(a|b/.*).*')], null],
    ['/(a|b.*)', '/x/$1', [regex('(?i)/(a|b.*).*')], replaced('(?i)^/(a|b.*).*$', '/x/\\1')],
    ['/a|/b(/|$)(.*)', null, [regex('(?i).*(?:^/a|/b(/|$)(.*)).*')], null],
    ['/exact$', null, [regex('(?i)/exact$')], null],
    ['/price\\$', null, [regex('(?i)/price\\$.*')], null],
  ];
  for (const [path, target, matches, rewrite] of cases) {
    t.same(regexPath(path, target), { matches, rewrite }, `${path} ${target}`);
  }
});

t.test('what RE2 does not have leaves out that path alone', async (t) => {
  const made = annotated(ingress({ 'use-regex': 'true' }, { paths: ['/a(?!b)', '/c'] }));
  t.match(said(made), [/^10 SLC0270 "\/a\(\?!b\)" is no regular expression of RE2: .*left out$/]);
  t.match(made.routes.get('a.com'), [{ match: [{ uri: { prefix: '/c' }, ignoreUriCase: true }] }]);
});

t.test('all paths of a host are patterns, the longest first', async (t) => {
  const { routes } = annotated(
    ingress({ 'rewrite-target': '/' }, { name: 'a', paths: ['/short'] }),
    ingress({}, { name: 'b', paths: ['/e Exact', '/longest.+'] }),
    ingress({}, { name: 'c', host: 'b.com', paths: ['/e Exact'] }),
  );
  t.same(
    routes.get('a.com')?.map(({ match }) => match?.[0]),
    [
      { uri: { regex: '(?i)/longest.+.*' } },
      { uri: { regex: '(?i)/short.*' } },
      { uri: { prefix: '/e' }, ignoreUriCase: true },
    ],
  );
  t.same(routes.get('b.com')?.[0]?.match, [{ uri: { exact: '/e' } }]);
});

t.test('what a request says of its path and host', async (t) => {
  const [rewritten] = routesFor({
    'rewrite-target': '/new',
    'x-forwarded-prefix': '/old',
    'upstream-vhost': 'inside.example',
  });
  t.same(rewritten?.rewrite, { uri: '/new', authority: 'inside.example' });
  t.same(rewritten?.headers, { request: { set: { 'x-forwarded-prefix': '/old' } } });
  const [percent] = routesFor({ 'rewrite-target': '/n', 'x-forwarded-prefix': '/%START_TIME%' });
  const sent = percent?.headers?.request?.set?.['x-forwarded-prefix'];
  t.equal(sent, '/%%START_TIME%%', 'a percent sign begins no command');
  const [plain] = routesFor({ 'x-forwarded-prefix': '/old', 'upstream-vhost': '$host' });
  t.equal(plain?.headers, undefined, 'only with a rewrite');
  t.equal(plain?.rewrite, undefined);
});

t.test('a query of the target is left out', async (t) => {
  const made = annotated(ingress({ 'rewrite-target': '/a?b=$1' }));
  t.match(said(made), [/the query of the request stays as it is/]);
  t.same(made.routes.get('a.com')?.[0]?.rewrite, { uri: '/a' });
});

t.test('a group that the path does not have is told', async (t) => {
  const cases: readonly [path: string, target: string, missing: string | null][] = [
    ['/app', '/$1', '$1'],
    ['/b(/|$)(.*)', '/$3', '$3'],
    ['/b(/|$)(.*)', '/$2', null],
    ['/b', '/$1/$2', '$1 and $2'],
  ];
  for (const [path, target, missing] of cases) {
    const parts = { paths: [`${path} ImplementationSpecific`] };
    const told = said(annotated(ingress({ 'rewrite-target': target }, parts)));
    const message = `${path} has no group for ${missing} of rewrite-target "${target}"`;
    t.match(told, missing === null ? [] : [`SLC0275 ${message}`]);
    t.equal(told.length, missing === null ? 0 : 1);
  }
});

t.test('an exact path that another Ingress makes a pattern is told', async (t) => {
  const exactPath = ingress({}, { name: 'exact', paths: ['/e Exact', '/p'] });
  const made = annotated(exactPath, ingress({ 'use-regex': 'true' }, { paths: ['/r'] }));
  t.match(said(made), [/SLC0275 \/e is no Exact path: Ingress default\/main has rewrite-target/]);
  const own = ingress({ 'use-regex': 'true' }, { paths: ['/e Exact'] });
  t.strictSame(said(annotated(own)), []);
});

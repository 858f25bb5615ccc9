import t from 'tap';
import type { ForwardAction } from '../../src/model/route.ts';
import type { PathMatch } from '../../src/model/route-match.ts';
import type { CompiledRoute } from '../../src/routing/compiled-route.ts';
import { rewritePath } from '../../src/routing/path-rewrite.ts';
import { compiledHost, forwardTo, pathMatch, route } from '../support/route-models.ts';

function rewrite(path: PathMatch, changes: Partial<ForwardAction>): (path: string) => string {
  const host = compiledHost([route('r', { path }, forwardTo('r', changes))]);
  return (requested) => rewritePath(host.routes[0] as CompiledRoute, requested);
}

t.test('a matched prefix is replaced as plain text', async (t) => {
  const shop = rewrite(pathMatch('prefix', '/shop'), { prefixRewrite: '/' });
  t.equal(shop('/shop/cart?x=1'), '//cart?x=1');
  t.equal(shop('/shop'), '/');
  const base = rewrite(pathMatch('prefix', '/'), { prefixRewrite: '/base' });
  t.equal(base('/x'), '/basex');
  const folded = rewrite(pathMatch('prefix', '/Shop', true), { prefixRewrite: '/s' });
  t.equal(folded('/sHOP/Cart'), '/s/Cart');
  const separated = rewrite(pathMatch('path-separated-prefix', '/a'), { prefixRewrite: '/b' });
  t.equal(separated('/a/c'), '/b/c');
});

t.test('a prefix that is taken away leaves one slash at least', async (t) => {
  const old = rewrite(pathMatch('path-separated-prefix', '/old'), { prefixRewrite: '' });
  const cases = [
    ['/old', '/'],
    ['/old/', '/'],
    ['/old/x?q=1', '/x?q=1'],
    ['/old?q=1', '/?q=1'],
    ['/old//x', '//x'],
  ] as const;
  for (const [path, expected] of cases) t.equal(old(path), expected, path);
  const root = rewrite(pathMatch('prefix', '/'), { prefixRewrite: '' });
  t.equal(root('/x?q'), '/x?q', 'nothing to take away');
});

t.test(
  'after an exact or a regex match the whole path is replaced and the query kept',
  async (t) => {
    const exact = rewrite(pathMatch('exact', '/shop'), { prefixRewrite: '/new?x=1' });
    t.equal(exact('/shop?key=value'), '/new?x=1?key=value');
    const regex = rewrite(pathMatch('regex', '/s.*'), { prefixRewrite: '/new' });
    t.equal(regex('/shop/cart?a'), '/new?a');
  },
);

t.test('a regex rewrite replaces every match in the path but none in the query', async (t) => {
  const regexRewrite = { pattern: '/v([0-9]+)', substitution: '/version-\\1' };
  const versions = rewrite(pathMatch('prefix', '/'), { regexRewrite });
  t.equal(versions('/v1/x/v22?next=/v3'), '/version-1/x/version-22?next=/v3');
  t.equal(versions('/plain'), '/plain');
});

const substitutions: readonly [string, string, string, string][] = [
  ['(/[a-z]+)(/[a-z]+)', '\\2\\1', '/a/b', '/b/a'],
  ['/(x)?y', '/[\\1]', '/y', '/[]'],
  ['b', '<\\0>', '/abab', '/a<b>a<b>'],
  ['b', 'a\\\\c', '/b', '/a\\c'],
  ['(?i)/SHOP/', '/s/', '/a/ShOp/b', '/a/s/b'],
  ['x*', '-', '/axxb', '-/-a-b-'],
  ['/(a+)+$', '/s', '/aaaa', '/s'],
  ['(', 'x', '/(', '/('],
  ['/', '/\u00e9', '/', '/\xc3\xa9'],
];

t.test('substitutions are RE2 rewrites', async (t) => {
  for (const [pattern, substitution, path, expected] of substitutions) {
    const regexRewrite = { pattern, substitution };
    const substitute = rewrite(pathMatch('prefix', '/'), { regexRewrite });
    t.equal(substitute(path), expected, `${pattern} to ${substitution}`);
  }
});

t.test('a route without a rewrite leaves the path', async (t) => {
  t.equal(rewrite(pathMatch('prefix', '/'), {})('/shop?x'), '/shop?x');
});

t.test('what is not ASCII goes out as the bytes of its UTF-8 form', async (t) => {
  const bytes = Buffer.from('/nŊ', 'utf8').toString('latin1');
  t.equal(rewrite(pathMatch('prefix', '/a'), { prefixRewrite: '/nŊ' })('/a/b'), `${bytes}/b`);
  const regexRewrite = { pattern: '/a', substitution: '/nŊ' };
  t.equal(rewrite(pathMatch('prefix', '/'), { regexRewrite })('/a/b'), `${bytes}/b`);
});

t.test('what could end a line never becomes a route', async (t) => {
  for (const prefixRewrite of ['/a\nb', '/a b', '/\0']) {
    t.throws(() => rewrite(pathMatch('prefix', '/'), { prefixRewrite }), /assertion failed/);
  }
});

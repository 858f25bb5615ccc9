import t from 'tap';
import { newPrefix, prefixPattern, quotedPattern } from '../../src/convert/path-shape.ts';

const shapes: readonly (readonly [string, string | null, number | null])[] = [
  ['/shop(/|$)(.*)', '/shop', 2],
  ['^/shop(/|$)(.*)$', '/shop', 2],
  ['(?i)(?:/shop(/|$)(.*))', '/shop', 2],
  ['/shop/v1(?:/|$)(.*)', '/shop/v1', 1],
  ['/shop(?:/.*)?', '/shop', null],
  ['/v1\\.2(/.*)?', '/v1.2', null],
  ['/shop/(.*)', null, null],
  ['/shop.*', null, null],
  ['/(.*)', null, null],
  ['/sh?op(/|$)(.*)', null, null],
  ['(?:/a)|(?:/b(/|$)(.*))', null, null],
];

for (const [pattern, prefix, restGroup] of shapes) {
  t.test(pattern, async (t) => {
    const found = prefixPattern(pattern);
    t.equal(found?.prefix ?? null, prefix);
    t.equal(found?.restGroup ?? null, restGroup);
    t.equal(found?.ignoresCase ?? false, found !== null && pattern.startsWith('(?i)'));
  });
}

const shop = { prefix: '/shop', ignoresCase: false, restGroup: 2 };

t.test('rewrites that put another prefix in its place', async (t) => {
  t.equal(newPrefix(shop, '/\\2'), '/');
  t.equal(newPrefix(shop, '/inner/\\2'), '/inner/');
});

t.test('other rewrites', async (t) => {
  for (const substitution of ['/\\1', '/\\2/end', '/\\1/\\2', '/x\\2']) {
    t.equal(newPrefix(shop, substitution), null, substitution);
  }
  t.equal(newPrefix({ ...shop, restGroup: null }, '/\\2'), null);
});

t.test('a quoted text matches itself', async (t) => {
  t.equal(quotedPattern('/a.b(c)'), '/a\\.b\\(c\\)');
});

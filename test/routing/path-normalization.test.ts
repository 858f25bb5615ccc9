import fc from 'fast-check';
import t from 'tap';
import type { PathNormalization } from '../../src/model/http-settings.ts';
import { normalizePath } from '../../src/routing/path-normalization.ts';

function check(mode: PathNormalization, rows: Record<string, string | null>): void {
  t.test(`${mode} rewrites paths`, async (t) => {
    for (const [path, expected] of Object.entries(rows)) {
      t.equal(normalizePath(path, mode), expected, path);
    }
  });
}

check('NONE', {
  '/shop/../cart': '/shop/../cart',
  '//x%2e\\y': '//x%2e\\y',
  '/shop?size=1#top': '/shop?size=1',
});

check('BASE', {
  '/': '/',
  '/shop/cart': '/shop/cart',
  '/v1.2/file.txt': '/v1.2/file.txt',
  '/shop/./cart': '/shop/cart',
  '/shop/cart/.': '/shop/cart/',
  '/shop/item/../cart': '/shop/cart',
  '/shop/cart/..': '/shop/',
  '/..': '/',
  '/../../shop': '/shop',
  '/shop/%2e%2E/cart': '/cart',
  '/shop/.%2e': '/',
  '/shop/.../.cart/..x': '/shop/.../.cart/..x',
  '\\shop\\..\\cart': '/cart',
  '//shop//cart//': '//shop//cart//',
  '/shop//../cart': '/shop/cart',
  '/%73hop/%7Eme/%2D': '/shop/~me/-',
  '/a%2Fb/%2f/%5c': '/a%2Fb/%2f/%5c',
  '/a%20b c': '/a%20b%20c',
  '/"<>`{|}^': '/%22%3C%3E%60%7B%7C%7D%5E',
  "/!$&'()*+,;=:@[]": "/!$&'()*+,;=:@[]",
  '/caf\xc3\xa9': '/caf%C3%A9',
  '/100%': '/100%',
  '/100%/%zz%2': '/100%/%zz%2',
  '/a%00b': null,
  '/a\0b': null,
  '/shop?to=/../x%7e//': '/shop?to=/../x%7e//',
  '/x/../shop?a#b?c': '/shop?a',
  '/shop?': '/shop?',
  shop: '/shop',
  '': '/',
});

check('BASE', {
  // A stray percent sign and an escape behind it must not become an escape.
  '/%%34%31': '/%2541',
  '/%%341': '/%2541',
  '/%4%31': '/%2541',
  '/%%3': '/%%3',
  '/%%7Ax': '/%zx',
  '/x%/../%34%31': '/41',
});

check('MERGE_SLASHES', {
  '//shop///cart//': '/shop/cart/',
  '/x//..//shop': '/x/shop',
  '/shop?to=//x': '/shop?to=//x',
  '/a%2F%2Fb': '/a%2F%2Fb',
});

check('DECODE_AND_MERGE_SLASHES', {
  '/shop%2Fcart': '/shop/cart',
  '/shop%5c..%2fcart': '/cart',
  '/shop/%2f/cart': '/shop/cart',
  '/shop?to=%2F': '/shop?to=%2F',
});

const modes = fc.constantFrom<PathNormalization>(
  'NONE',
  'BASE',
  'MERGE_SLASHES',
  'DECODE_AND_MERGE_SLASHES',
);
const pieces = fc.constantFrom(
  ...[
    '/',
    '//',
    '.',
    '..',
    '%',
    '%0',
    '%2',
    '%2e',
    '%2F',
    '%5C',
    '%25',
    '%3f',
    '%23',
    '%41',
    '%00',
  ],
  ...['\\', 'a', 'C', 'E', 'F', 'f', '0', '1', '2', '4', '5', ' ', '\x01', '\xe9', '?', '#'],
);
const paths = fc.array(pieces, { maxLength: 14 }).map((parts) => `/${parts.join('')}`);

t.test('a normalised path stays as it is when it is normalised again', async () => {
  const property = fc.property(paths, modes, (path, mode) => {
    const once = normalizePath(path, mode);
    return once === null || normalizePath(once, mode) === once;
  });
  fc.assert(property, { numRuns: 5000 });
});

t.test('no dot segment is left, however it was written', async () => {
  const property = fc.property(paths, (path) => {
    const pathname = normalizePath(path, 'BASE')?.split('?')[0] ?? '/';
    return !/\/(\.|%2e){1,2}([/\\]|$)/i.test(pathname);
  });
  fc.assert(property, { numRuns: 5000 });
});

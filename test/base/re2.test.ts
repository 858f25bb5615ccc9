import t from 'tap';
import { re2 } from '../../src/base/re2.ts';

t.test('a whole text is matched', async (t) => {
  const rows: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['/api/v\\d+', '/api/v12', true],
    ['/api/v\\d+', '/api/v12/x', false],
    ['(?i)SHOP', 'shop', true],
    ['a|ab', 'ab', true],
  ];
  for (const [pattern, text, matches] of rows) {
    t.equal(re2().compile(pattern).matches(text), matches, `${pattern} ${text}`);
  }
});

t.test('no text takes longer than it is long', async (t) => {
  // Backtracking would try 2^40 ways.
  t.equal(re2().compile('(x+x+)+y').matches('x'.repeat(40)), false);
});

t.test('what RE2 does not have is refused', async (t) => {
  for (const pattern of ['(a)\\1', '(?=a)', '(?<!a)b', '(', 'x{1001}']) {
    t.throws(() => re2().compile(pattern), pattern);
  }
});

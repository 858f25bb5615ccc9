import t from 'tap';
import { compileQueryRegex } from '../../src/base/query-regex.ts';

t.test('what is cheap to compile is compiled', async (t) => {
  for (const pattern of ['a', 'cluster\\..*(5xx|4xx)', 'x{3}y{10,990}', 'a'.repeat(256)]) {
    t.ok(compileQueryRegex(pattern).ok, pattern);
  }
});

t.test('what is not is refused before it is compiled', async (t) => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['a'.repeat(257), /at most 256 characters/],
    ['(?:a|bc){1000}(?:a|bc){1}', /add up to 1000/],
    ['a{2,999}b{2,}', /add up to 1000/],
    ['(', /missing/],
  ];
  for (const [pattern, error] of rows) {
    t.match(compileQueryRegex(pattern), { ok: false, error }, pattern);
  }
});

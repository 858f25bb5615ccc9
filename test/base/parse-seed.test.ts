import t from 'tap';
import { parseSeed } from '../../src/base/parse-seed.ts';

t.test('a seed is a whole number of 32 bits', async (t) => {
  for (const seed of [0, 7, 4294967295]) t.same(parseSeed(String(seed)), { ok: true, value: seed });
  for (const text of ['4294967296', '-1', '1.5', '1e3', 'x', '', ' 1', '00000000001']) {
    const error = `"${text}" is no seed: write a whole number from 0 to 4294967295`;
    t.same(parseSeed(text), { ok: false, error });
  }
});

/** Names that are met again are the same string; what is kept of them has limits. */

import t from 'tap';
import { metFields } from '../../src/http1/met-fields.ts';

function meet(text: string): string {
  const bytes = Buffer.from(`:${text}:`, 'latin1');
  return metFields.meet(bytes, 1, bytes.length - 1);
}

t.test('a name is in lower case, the first time and later', async (t) => {
  for (const spelling of ['X-Tenant', 'x-tenant', 'X-TENANT']) t.equal(meet(spelling), 'x-tenant');
});

t.test('names that differ in a bit that makes capitals are told apart', async (t) => {
  for (const name of ['x^y', 'x~y', 'x^y', 'x_y', 'x\x7fy', 'x_y']) t.equal(meet(name), name);
});

t.test('each of many names of one slot comes out as itself', async (t) => {
  // Only length, first, middle and last byte make the slot.
  const names = Array.from(
    { length: 100 },
    (_, index) => `x${String(index).padStart(4, '0')}-abcde-z`,
  );
  for (let round = 0; round < 3; round++) for (const name of names) t.equal(meet(name), name);
});

t.test('a name that is too long to keep comes out as well', async (t) => {
  const name = 'n'.repeat(65);
  t.equal(meet(name.toUpperCase()), name);
  t.equal(meet(name), name);
});

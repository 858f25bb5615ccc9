import t from 'tap';
import { randomHex16, randomHex32 } from '../../src/base/hex.ts';
import type { Random } from '../../src/base/random.ts';

/** Draws these words in their order. */
function drawing(...words: number[]): Random {
  return { uint32: () => words.shift() ?? Number.NaN, fraction: () => Number.NaN };
}

t.test('each word is eight digits, in the order of drawing', async (t) => {
  const words = [0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210];
  t.equal(randomHex16(drawing(...words.slice(2))), 'fedcba9876543210');
  t.equal(randomHex32(drawing(...words)), '0123456789abcdeffedcba9876543210');
});

t.test('it is never all zero', async (t) => {
  t.equal(randomHex16(drawing(0, 0)), '0000000000000001');
  t.equal(randomHex32(drawing(0, 0, 0, 0)), '00000000000000010000000000000000');
});

import t from 'tap';
import { parseByteSize } from '../../src/base/byte-size.ts';

t.test('quantities of bytes', async (t) => {
  const table: readonly (readonly [string, number | null])[] = [
    ['0', 0],
    ['4096', 4096],
    ['60Ki', 61_440],
    ['1Mi', 1_048_576],
    ['1.5Mi', 1_572_864],
    ['2Gi', 2_147_483_648],
    ['1k', 1000],
    ['1M', 1_000_000],
    ['0.1', 1],
    ['', null],
    ['Ki', null],
    ['-1', null],
    ['60KB', null],
    ['60 Ki', null],
    ['1e3', null],
  ];
  for (const [text, bytes] of table) t.equal(parseByteSize(text), bytes, `"${text}"`);
});

import t from 'tap';
import { truncate } from '../../src/base/truncate.ts';

t.test('what is behind the length goes, and nothing comes', async (t) => {
  const rows: readonly (readonly [length: number, left: readonly number[]])[] = [
    [0, []],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [5, [1, 2, 3]],
  ];
  for (const [length, left] of rows) {
    const list = [1, 2, 3];
    truncate(list, length);
    t.strictSame(list, left);
  }
});

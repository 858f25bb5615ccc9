import t from 'tap';
import { diff, isDeepStrictEqual, promisify } from '../../src/base/node-util.ts';

t.test('equal are the same values in the same structure', async (t) => {
  const rows: readonly (readonly [one: unknown, other: unknown, isEqual: boolean])[] = [
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [[1, 2], [2, 1], false],
    [1, '1', false],
    [{ a: undefined }, {}, false],
    [new Map([['a', 1]]), new Map([['a', 1]]), true],
  ];
  for (const [one, other, isEqual] of rows) t.equal(isDeepStrictEqual(one, other), isEqual);
});

t.test('a callback becomes a promise', async (t) => {
  const half = (value: number, done: (error: Error | null, result: number) => void): void =>
    done(value % 2 === 0 ? null : new Error(`${value} is odd`), value / 2);
  t.equal(await promisify(half)(4), 2);
  await t.rejects(promisify(half)(3), { message: '3 is odd' });
});

t.test('lines that differ are told with where they are', async (t) => {
  t.strictSame(diff(['a', 'b', 'c'], ['a', 'x', 'c']), [
    [0, 'a'],
    [1, 'b'],
    [-1, 'x'],
    [0, 'c'],
  ]);
});

import t from 'tap';
import { NameTable } from '../../src/loadtest/name-table.ts';

t.test('a name has one number, and the empty one is 0', async (t) => {
  const table = new NameTable();
  t.strictSame(
    ['', 'a', 'b', 'a', ''].map((name) => table.numberOf(name)),
    [0, 1, 2, 1, 0],
  );
  t.strictSame(table.names, ['', 'a', 'b']);
});

t.test('names without end are counted together, and the first ones stay apart', async (t) => {
  const table = new NameTable();
  for (let number = 0; number < 5000; number++) table.numberOf(`name ${number}`);
  t.equal(table.names.length, 1001);
  t.equal(table.names.at(-1), 'others');
  t.equal(table.numberOf('one more'), table.numberOf('and another'));
  t.equal(table.numberOf('name 5'), 6);
});

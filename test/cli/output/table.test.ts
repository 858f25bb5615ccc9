import t from 'tap';
import { painter } from '../../../src/cli/output/color.ts';
import { type Column, fittedLines, tableLines } from '../../../src/cli/output/table.ts';

interface Row {
  readonly name: string;
  readonly count: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'COUNT', align: 'right', width: 5, cell: ({ count }) => String(count) },
];
const rows: readonly Row[] = [
  { name: 'reviews', count: 1 },
  { name: 'productpage', count: 12_345 },
];

t.test('a table is as wide as its cells, and lines have no spaces at their ends', async (t) => {
  t.same(tableLines(columns, rows), [
    'NAME          COUNT',
    'reviews           1',
    'productpage   12345',
  ]);
  const reversed = columns.toReversed();
  t.same(tableLines(reversed, rows), ['COUNT   NAME', '    1   reviews', '12345   productpage']);
  t.same(tableLines(columns, []), ['NAME   COUNT']);
});

t.test('what a cell has cannot move the cursor, nor begin a line', async (t) => {
  t.same(tableLines(columns, [{ name: 'a\u001b[2J\nb', count: 1 }]).slice(1), [
    'a\ufffd[2J b       1',
  ]);
});

t.test(
  'a fitted table has the width that is asked for, and cuts the column without one',
  async (t) => {
    const fit = (width: number) => fittedLines(columns, rows, { width, paint: painter(false) });
    t.same(fit(20), ['NAME           COUNT', 'reviews            1', 'productpage    12345']);
    t.same(fit(14), ['NAME     COUNT', 'reviews      1', 'pro…age  12345']);
    t.same(
      fit(3).map((line) => line.length),
      [8, 8, 8],
      'a width in which nothing fits',
    );
  },
);

t.test('colours come around cells, after they have been padded', async (t) => {
  const colored: readonly Column<Row>[] = [
    { title: 'N', cell: ({ name }) => name, style: () => 'red' },
  ];
  t.same(fittedLines(colored, rows.slice(0, 1), { width: 8, paint: painter(true) }), [
    '\u001b[1mN       \u001b[0m',
    '\u001b[31mreviews \u001b[0m',
  ]);
});

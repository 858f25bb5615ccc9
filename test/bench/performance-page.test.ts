import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cases } from '../../bench/peers/cases.ts';
import type { SuiteResult } from '../../bench/peers/result.ts';
import { renderCharts } from '../../bench/report/charts.ts';
import { fillPage } from '../../bench/report/page.ts';

// docs/performance.md is what bench/results/peers.json gives: `npm run bench:report` makes it.

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const result = JSON.parse(read('bench/results/peers.json')) as SuiteResult;

t.test('the numbers of the page are those of the result', async (t) => {
  const page = read('docs/performance.md');
  t.equal(page, fillPage(page, result));
});

t.test('the charts are those of the result, and there are no others', async (t) => {
  const charts = renderCharts(result);
  for (const { file, svg } of charts) t.equal(read(`docs/performance/${file}`), svg, file);
  const files = charts.map(({ file }) => file).sort();
  t.same(readdirSync(join(root, 'docs/performance')).sort(), files);
});

t.test('the result is one of the whole suite', async (t) => {
  const names = (list: readonly { name: string }[]): string[] =>
    list.map(({ name }) => name).sort();
  t.same(names(result.cases), names(cases));
});

t.test('the page is linked from the README', async (t) => {
  t.match(read('README.md'), 'docs/performance.md');
});

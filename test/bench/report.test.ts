import t from 'tap';
import { bars, judge } from '../../bench/peers/bars.ts';
import { foundOf } from '../../bench/peers/result.ts';
import { renderBars, renderCases } from '../../bench/peers/tables.ts';
import { renderBarChart } from '../../bench/report/bar-chart.ts';
import { renderCharts } from '../../bench/report/charts.ts';
import { fillPage } from '../../bench/report/page.ts';
import { suiteResult } from './suite-results.ts';

const result = suiteResult({
  'body-23': {
    nginx: [{ cpuUs: 10 }, { cpuUs: 20 }, { cpuUs: 10 }],
    sluice: [{ cpuUs: 12 }, { cpuUs: 28 }, { cpuUs: 13 }],
    envoy: [{ cpuUs: 40 }, { cpuUs: 70 }, { cpuUs: 40 }],
    caddy: 'not installed',
  },
  memory: { sluice: [{ idleMiB: 60, connectionKiB: 12.5 }] },
});

t.test('a ratio is the median of the ratios within rounds, with its spread', async (t) => {
  const what = { name: 'body-23', peer: 'sluice', measure: 'cpuUs' } as const;
  t.same(foundOf(result, { ...what, of: 'nginx' }), { median: 1.3, least: 1.2, most: 1.4 });
  t.same(foundOf(result, { ...what, of: null }), { median: 13, least: 12, most: 28 });
  t.equal(foundOf(result, { ...what, peer: 'caddy', of: 'nginx' }), null);
  t.equal(foundOf(result, { ...what, name: 'tls', of: 'nginx' }), null);
});

t.test('a bar is met up to its limit, missed beyond it, or not measured', async (t) => {
  const verdicts = judge(result).map(({ bar, found, isMet }) => [bar.title, found, isMet]);
  t.equal(verdicts.length, bars.length);
  t.same(verdicts.slice(0, 3), [
    ['CPU for a request with a 23-byte body, nginx = 1', 1.3, false],
    ['CPU for a request with a 23-byte body, Envoy = 1', 0.325, true],
    ['requests a second with 64 KiB bodies, nginx = 1', null, null],
  ]);
  t.same(verdicts.at(-2), ['idle memory, MiB', 60, true]);
  t.same(verdicts.at(-1), ['memory for an idle connection, KiB', 12.5, false]);
});

t.test('a bar from below is missed below it', async (t) => {
  const measured = (requestsPerSecond: number) => [{ requestsPerSecond }];
  for (const [own, isMet] of [
    [79, false],
    [80, true],
    [300, true],
  ] as const) {
    const slow = suiteResult({ 'body-1m': { nginx: measured(100), sluice: measured(own) } });
    const verdict = judge(slow).find(({ bar }) => bar.name === 'body-1m');
    t.equal(verdict?.isMet, isMet, String(own));
  }
});

t.test('the tables say why a proxy has no numbers, and which bars are missed', async (t) => {
  const cases = renderCases(result);
  t.match(cases, '### The case body-23');
  t.match(cases, '| **sluice** | 1.30 (1.20 to 1.40) | 13.0 |');
  t.match(cases, '| caddy | not installed |');
  t.match(
    renderBars(result),
    '| memory for an idle connection, KiB | at most 12 | 12.50 | **missed** |',
  );
  t.match(renderBars(result), '| at least 0.8 | - | not measured |');
});

const names = ['bars', 'charts', 'run', 'tables', 'proxies'];
const page = names.map((name) => `<!-- ${name} -->\n<!-- end of ${name} -->\n`).join('\ntext\n');

t.test('a page gets its numbers between its marks, again and again', async (t) => {
  const filled = fillPage(page, result);
  t.match(filled, '| caddy | 1.0 | the same policy |');
  t.match(filled, 'some processor, 2 cores');
  t.match(filled, '](performance/cpu.svg)');
  t.equal(filled.split('\ntext\n').length, names.length, 'what is written by hand stays');
  t.equal(fillPage(filled, result), filled);
  t.throws(() => fillPage('# Performance', result), /no place for its bars/);
});

t.test('a page says when the machine was too busy to tell', async (t) => {
  const of = (requestsPerSecond: number) =>
    suiteResult({ 'body-23': { nginx: [{ cpuUs: 20, requestsPerSecond }] } });
  t.match(fillPage(page, of(5_000)), /machine was busy\*\*.* 10 % of its core/);
  t.notMatch(fillPage(page, of(40_000)), 'busy');
});

t.test('there is a chart of what was measured, and none of what was not', async (t) => {
  const charts = renderCharts(result);
  t.same(
    charts.map(({ file }) => file),
    ['cpu.svg', 'memory.svg'],
  );
  const [cpu] = charts;
  t.match(cpu?.svg, />1\.30<\/text>/);
  t.notMatch(cpu?.svg, 'caddy');
});

t.test('the longest bar fills the chart, and others are as long as their share', async (t) => {
  const bar = (label: string, value: number) => ({ label, value, shown: '', isOwn: false });
  const svg = renderBarChart({
    title: 'a < b',
    groups: [{ title: '', bars: [bar('whole', 8), bar('quarter', 2)] }],
  });
  const lengths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => width);
  t.same(lengths, ['480.0', '120.0']);
  t.match(svg, 'a &lt; b');
});

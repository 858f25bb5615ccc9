/** Results as tables of Markdown. */

import type { Spread } from '../support/statistics.ts';
import { judge, limitText } from './bars.ts';
import { type CaseResult, foundOf, type Measure, type SuiteResult } from './result.ts';

export const yardstick = 'nginx';

/** A column: a measure as it is, or as a multiple of the yardstick. */
interface Column {
  readonly title: string;
  readonly measure: Measure;
  readonly of: string | null;
}

const loadColumns: readonly Column[] = [
  { title: 'CPU/request, nginx = 1', measure: 'cpuUs', of: yardstick },
  { title: 'µs CPU/request', measure: 'cpuUs', of: null },
  { title: 'requests/s', measure: 'requestsPerSecond', of: null },
  { title: 'p50 µs', measure: 'p50Us', of: null },
  { title: 'p99 µs', measure: 'p99Us', of: null },
  { title: 'p99.9 µs', measure: 'p999Us', of: null },
];
const memoryColumns: readonly Column[] = [
  { title: 'idle, MiB', measure: 'idleMiB', of: null },
  { title: 'KiB for a connection', measure: 'connectionKiB', of: null },
];

/** Every case with its title and its table. */
export function renderCases(result: SuiteResult): string {
  return result.cases
    .map((each) => `### ${capitalized(each.title)}\n\n${renderCase(result, each)}`)
    .join('\n\n');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function renderCase(result: SuiteResult, { name, rows }: CaseResult): string {
  const columns = name === 'memory' ? memoryColumns : loadColumns;
  const lines = [['proxy', ...columns.map(({ title }) => title)], columns.map(() => '---')];
  lines[1]?.unshift('---');
  for (const { peer, skipped } of rows) {
    const values = columns.map((column, index) => {
      if (skipped !== null) return index === 0 ? skipped : '';
      return cell(foundOf(result, { ...column, name, peer }), column);
    });
    lines.push([peer === 'sluice' ? '**sluice**' : peer, ...values]);
  }
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Ratios with their spread; what is no ratio only as its median. */
function cell(found: Spread | null, { of }: Column): string {
  if (found === null) return '-';
  if (of === null) return shownNumber(found.median);
  const { median, least, most } = found;
  if (least === most) return median.toFixed(2);
  return `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

/** Three digits, which is more than a run can tell. */
export function shownNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** What had to be reached, and whether it was. */
export function renderBars(result: SuiteResult): string {
  const lines = ['| bar | limit | found | |', '|---|---|---|---|'];
  for (const { bar, found, isMet } of judge(result)) {
    const verdict = isMet === null ? 'not measured' : isMet ? 'met' : '**missed**';
    const shown = found === null ? '-' : found.toFixed(2);
    lines.push(`| ${bar.title} | ${limitText(bar)} | ${shown} | ${verdict} |`);
  }
  return lines.join('\n');
}

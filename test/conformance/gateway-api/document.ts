/** The tables of `docs/gateway-api.md` that the runner writes. */

import { table } from '../istio-envoy/report.ts';
import { features } from './features.ts';
import type { Row } from './play.ts';
import { scoresOf } from './report.ts';

const begin =
  '<!-- rows: node test/conformance/gateway-api/run.ts --markdown docs/gateway-api.md -->';
const end = '<!-- end of rows -->';

/** The document with its tables as the rows have them. */
export function writeTables(document: string, rows: readonly Row[]): string {
  const [before, rest = ''] = document.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined) throw new Error('the document has no marks');
  return `${before}${begin}\n${formatTables(rows)}\n${end}${after}`;
}

/** What stands between the marks. */
export function writtenTables(document: string): string {
  return document.split(begin)[1]?.split(end)[0]?.trim() ?? '';
}

export function formatTables(rows: readonly Row[]): string {
  return [
    formatFeatures(rows),
    '',
    '### Rows that fail',
    '',
    formatFailing(rows),
    '',
    '### Tests that are not played',
    '',
    formatNotPlayed(rows),
  ].join('\n');
}

function formatFeatures(rows: readonly Row[]): string {
  const scores = new Map(scoresOf(rows).map((score) => [score.feature, score]));
  const lines = Object.entries(features).map(([feature, { level, supported, note }]) => {
    const { passed = 0, played = 0 } = scores.get(feature) ?? {};
    const shown = played === 0 ? '' : `${passed} of ${played}`;
    return [`\`${feature}\``, level, supported, shown, note];
  });
  return table([['feature', 'level', 'supported', 'rows', ''], ...lines]);
}

function formatFailing(rows: readonly Row[]): string {
  const failing = rows.filter(({ mismatch }) => mismatch !== null);
  if (failing.length === 0) return 'None.';
  const lines = failing.map(({ test, name, mismatch }) => [test, cell(name), cell(mismatch ?? '')]);
  return table([['test', 'row', 'what comes'], ...lines]);
}

function formatNotPlayed(rows: readonly Row[]): string {
  const left = rows.filter(({ notPlayed }) => notPlayed !== null);
  const byReason = Map.groupBy(left, ({ notPlayed }) => notPlayed ?? '');
  const lines = [...byReason].map(([reason, own]) => [
    reason,
    own.map(({ test, name }) => cell(`${test} ${name}`.trim())).join(', '),
  ]);
  return table([['why', 'tests'], ...lines]);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

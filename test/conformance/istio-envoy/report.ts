/** Scores by area and level, and the list of what differs. */

import { type Level, levels } from './mismatch.ts';
import type { RequestResult } from './suite.ts';

export interface Score {
  readonly area: string;
  /** Requests compared. */
  readonly compared: number;
  /** Requests without a difference at the level, by level. */
  readonly passed: Readonly<Record<Level, number>>;
  readonly skipped: number;
  readonly onPurpose: number;
}

export function scoresByArea(results: readonly RequestResult[]): Score[] {
  const areas = [...new Set(results.map(({ area }) => area))].sort();
  return areas.map((area) =>
    scoreOf(
      area,
      results.filter((result) => result.area === area),
    ),
  );
}

export function scoreOf(area: string, results: readonly RequestResult[]): Score {
  const played = results.filter(({ skipped }) => skipped === null);
  const compared = played.filter((result) => !isLeftOut(result));
  const passedAt = (level: Level): number =>
    compared.filter(({ mismatches }) => mismatches.every((one) => one.level !== level)).length;
  return {
    area,
    compared: compared.length,
    passed: { 1: passedAt(1), 2: passedAt(2), 3: passedAt(3) },
    skipped: results.length - played.length,
    onPurpose: played.length - compared.length,
  };
}

/** A row that differs on purpose as a whole. */
export function isLeftOut({ difference }: RequestResult): boolean {
  return difference !== null && difference.fields === undefined;
}

/** Share of passed requests in percent, with one decimal; 100 where nothing was compared. */
export function percent(score: Score, level: Level): number {
  if (score.compared === 0) return 100;
  return Math.floor((1000 * score.passed[level]) / score.compared) / 10;
}

export function formatScores(results: readonly RequestResult[]): string {
  const rows = [...scoresByArea(results), scoreOf('all', results)];
  const header = ['area', 'requests', 'level 1', 'level 2', 'level 3', 'on purpose', 'skipped'];
  const lines = rows.map((score) => [
    score.area,
    String(score.compared),
    ...levels.map((level) => `${score.passed[level]} (${percent(score, level).toFixed(1)} %)`),
    String(score.onPurpose),
    String(score.skipped),
  ]);
  return table([header, ...lines]);
}

/** A Markdown table with columns of one width. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return rows.map((row, index) => (index === 0 ? `${line(row)}\n${rule}` : line(row))).join('\n');
}

/** A line for each row that does not pass a level: `timeouts/slow[2] GET /: level 2 upstream_attempts`. */
export function failingRows(results: readonly RequestResult[]): string[] {
  return results
    .filter((result) => result.mismatches.length > 0 && !isLeftOut(result))
    .map(({ area, scenario, index, label, mismatches }) => {
      const fields = new Set(mismatches.map(({ level, field }) => `level ${level} ${field}`));
      return `${area}/${scenario}[${index}] ${label}: ${[...fields].join(', ')}`;
    });
}

/** One line a difference up to `level`, grouped by request. */
export function formatFailures(results: readonly RequestResult[], level: Level): string {
  const lines: string[] = [];
  for (const result of results) {
    if (isLeftOut(result)) continue;
    const shown = result.mismatches.filter((mismatch) => mismatch.level <= level);
    if (shown.length === 0) continue;
    lines.push(`${result.area}/${result.scenario}[${result.index}] ${result.label}`);
    for (const { level: at, field, expected, actual } of shown) {
      lines.push(`    L${at} ${field}: expected ${brief(expected)}, got ${brief(actual)}`);
    }
  }
  return lines.join('\n');
}

export function formatSkipped(results: readonly RequestResult[]): string {
  const reasons = new Map<string, number>();
  for (const { skipped } of results) {
    if (skipped !== null) reasons.set(skipped, (reasons.get(skipped) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => `skipped ${count}: ${reason}`).join('\n');
}

/** Rows that differ on purpose, each with its reason. */
export function formatOnPurpose(results: readonly RequestResult[]): string {
  return results
    .filter(({ difference }) => difference !== null)
    .map(({ scenario, index, difference, mismatches }) => {
      const whole = difference?.fields === undefined;
      const same = whole && mismatches.length === 0 ? ' (no longer differs)' : '';
      return `on purpose ${scenario}[${index}]${same}: ${difference?.reason}`;
    })
    .join('\n');
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

/**
 * Tables: a title above each column, cells aligned by spaces. As wide as its cells for a program or
 * to scroll, or fitted to a width for a screen.
 */

import type { Paint, Style } from './color.ts';
import { printableLine } from './printable.ts';

export interface Column<Row> {
  readonly title: string;
  /** Numbers stand to the right. Default `left`. */
  readonly align?: 'left' | 'right';
  /** In a fitted table; that of the column without one is what the others leave. */
  readonly width?: number;
  cell(row: Row): string;
  /** How it is shown in a fitted table. Default: plain. */
  style?(row: Row): Style | null;
}

/** Between two columns, as kubectl has it. */
const gap = '   ';
const fittedGap = '  ';

/** The titles and one line for each row, without line ends. Nothing follows the last cell. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map((column) => printableLine(column.cell(row))));
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, index) =>
    lines.reduce((width, line) => Math.max(width, (line[index] ?? '').length), 0),
  );
  return lines.map((line) =>
    columns
      .map(({ align }, index) => padded(line[index] ?? '', widths[index] ?? 0, align))
      .join(gap)
      .trimEnd(),
  );
}

export interface FittedOptions {
  readonly width: number;
  readonly paint: Paint;
}

/** No line is longer than the width, as far as cells can be cut. */
export function fittedLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paint }: FittedOptions,
): string[] {
  const taken = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
  const left = Math.max(width - taken - fittedGap.length * (columns.length - 1), 1);
  const fit = (text: string, { width: own = left, align }: Column<Row>): string =>
    padded(cutMiddle(text, own), own, align);
  const titles = columns.map((column) => fit(column.title, column)).join(fittedGap);
  const lines = rows.map((row) => {
    const cells = columns.map((column) => {
      const text = fit(printableLine(column.cell(row)), column);
      const style = column.style?.(row) ?? null;
      return style === null ? text : paint(style, text);
    });
    return cells.join(fittedGap);
  });
  return [paint('bold', titles), ...lines];
}

/** Names of one kind begin alike, and clusters end alike: what tells them apart may be anywhere. */
function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`;
}

/** What is cut off is told by the last character. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}

function padded(text: string, width: number, align: Column<never>['align']): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}

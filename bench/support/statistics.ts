/** What some measurements of the same come to. */

import { median } from './median.ts';

/** The middle, and how far the others are from it. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Null without values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Ratios within the same round: what else runs on the machine hits both alike. */
export function pairedRatios(
  values: readonly number[],
  bases: readonly number[],
): readonly number[] {
  return values.flatMap((value, round) => {
    const base = bases[round];
    return base === undefined ? [] : [value / base];
  });
}

/** The first of one round is the second of the next. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  if (list.length === 0) return list;
  const start = (list.length - (by % list.length)) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

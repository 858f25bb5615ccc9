/** Comparing counts that are random draws. */

import type { Counts } from './scenario.ts';

/**
 * Whether `actual` can be a draw from the distribution that the recorded runs show: for each key,
 * the share differs by at most four standard deviations, those of the recording's own draws
 * included, plus one draw for shares that were never seen.
 */
export function countsPlausible(recorded: readonly Counts[], actual: Counts): boolean {
  const pooled: Record<string, number> = {};
  for (const counts of recorded) {
    for (const [key, value] of Object.entries(counts)) pooled[key] = (pooled[key] ?? 0) + value;
  }
  const pooledTotal = total(pooled);
  const actualTotal = total(actual);
  if (pooledTotal === 0 || actualTotal === 0) return pooledTotal === actualTotal;
  const keys = new Set([...Object.keys(pooled), ...Object.keys(actual)]);
  return [...keys].every((key) => {
    const share = (pooled[key] ?? 0) / pooledTotal;
    const variance = share * (1 - share) * (1 / actualTotal + 1 / pooledTotal);
    const tolerance = 4 * Math.sqrt(variance) + 1 / actualTotal;
    return Math.abs((actual[key] ?? 0) / actualTotal - share) <= tolerance;
  });
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

/** The counts without their keys: what stays when equal endpoints change places. */
export function sameShape(expected: Counts, actual: Counts): boolean {
  const shape = (counts: Counts): string =>
    Object.values(counts)
      .sort((a, b) => a - b)
      .join();
  return shape(expected) === shape(actual);
}

/** Whether one sequence is the other with its endpoints moved on by some number of places. */
export function sameUpToRotation(expected: readonly string[], actual: readonly string[]): boolean {
  if (expected.length !== actual.length) return false;
  const names = [...new Set([...expected, ...actual])].filter((name) => name !== '-').sort();
  for (let shift = 0; shift < Math.max(1, names.length); shift++) {
    const moved = expected.map((name) => {
      const place = names.indexOf(name);
      return place < 0 ? name : names[(place + shift) % names.length];
    });
    if (moved.every((name, index) => name === actual[index])) return true;
  }
  return false;
}

/**
 * Whether one sequence is the other begun some places later: round robin starts anywhere, and
 * what follows (an ejection, say) comes as much earlier or later.
 */
export function sameUpToStart(
  expected: readonly unknown[],
  actual: readonly unknown[],
  endpoints: number,
): boolean {
  if (expected.length !== actual.length) return false;
  const starts = (late: readonly unknown[], early: readonly unknown[], by: number): boolean =>
    late.slice(by).every((value, index) => value === early[index]);
  for (let by = 0; by < endpoints; by++) {
    if (starts(expected, actual, by) || starts(actual, expected, by)) return true;
  }
  return false;
}

/** Whether no count differs by more than one: the effect of another start of round robin. */
export function countsWithinOne(expected: Counts, actual: Counts): boolean {
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].every((key) => Math.abs((expected[key] ?? 0) - (actual[key] ?? 0)) <= 1);
}

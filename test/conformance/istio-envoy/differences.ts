/** Rows in which sluice differs from the recording on purpose, and why. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Difference {
  readonly scenario: string;
  /** Positions in the scenario; absent: all of them. */
  readonly requests?: readonly number[];
  /** Only these fields differ; the rest of the row counts. Absent: the whole row is left out. */
  readonly fields?: readonly string[];
  readonly reason: string;
}

export function readDifferences(): Difference[] {
  const text = readFileSync(join(import.meta.dirname, 'differences.json'), 'utf8');
  return JSON.parse(text) as Difference[];
}

export function differenceOf(
  differences: readonly Difference[],
  row: { readonly scenario: string; readonly index: number },
): Difference | null {
  const found = differences.find(
    ({ scenario, requests }) =>
      scenario === row.scenario && (requests === undefined || requests.includes(row.index)),
  );
  return found ?? null;
}

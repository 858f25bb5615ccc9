/** Which areas of which data sets are played, and how much of each must pass. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Level } from './mismatch.ts';

/** Least share of passed requests by level, in percent. */
export type Floor = Readonly<Record<Level, number>>;

/** By data set and area; an area that is not named is not played. */
export type Floors = Readonly<Record<string, Readonly<Record<string, Floor>>>>;

export function readFloors(): Floors {
  const text = readFileSync(join(import.meta.dirname, 'floors.json'), 'utf8');
  return JSON.parse(text) as Floors;
}

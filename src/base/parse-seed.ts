/** A seed as people give one: what `SeededRandom` takes. */

import { err, ok, type Result } from './result.ts';

export function parseSeed(text: string): Result<number, string> {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed <= 0xffffffff) return ok(seed);
  return err(`"${text}" is no seed: write a whole number from 0 to 4294967295`);
}

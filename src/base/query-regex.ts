/**
 * Regular expressions that come with a request to the admin API, in RE2's syntax and linear time.
 * What compiling one costs depends on its repetitions, which a short text can have many of.
 */

import type { RE2JS } from 're2js';
import { re2 } from './re2.ts';
import { err, ok, type Result } from './result.ts';

const maxLength = 256;
/** Of all counted repetitions together; RE2 has the same bound for one. */
const maxRepetitions = 1000;

export function compileQueryRegex(pattern: string): Result<RE2JS, string> {
  if (pattern.length > maxLength) return err(`an expression has at most ${maxLength} characters`);
  if (repetitions(pattern) > maxRepetitions) {
    return err(`the counts of an expression add up to ${maxRepetitions} at most`);
  }
  try {
    return ok(re2().compile(pattern));
  } catch (error) {
    return err((error as Error).message);
  }
}

/** `x{2,30}` is written out thirty times, and what is nested as often as the counts multiply. */
function repetitions(pattern: string): number {
  let total = 0;
  for (const [, least, most] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    total += Math.max(Number(least), Number(most ?? 0));
  }
  return total;
}

/** How long to wait before trying again: exponential growth with full jitter, as in Envoy. */

import type { Random } from './random.ts';

export interface BackoffLimits {
  /** Upper end for the first retry; it doubles (and adds the base) with each further one. */
  readonly baseMs: number;
  /** Upper end for any retry. */
  readonly maxMs: number;
}

/**
 * Milliseconds before retry number `attempt` (from 1): uniform between 0 and
 * `(2^attempt - 1) * baseMs`, at most `maxMs`.
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: Random): number {
  return random.fraction() * Math.min((2 ** attempt - 1) * limits.baseMs, limits.maxMs);
}

/** Whether a request costs more than it did. */

import { pairedRatios, type Spread, spreadOf } from '../support/statistics.ts';

export interface Comparison {
  /** CPU for a request as a multiple of the base, in the same round. */
  readonly spread: Spread;
  /** The same of the best slice of each: noise only ever adds. */
  readonly best: number;
  /** Both are above the limit. */
  readonly isSlower: boolean;
}

export interface Samples {
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/** Null without samples. */
export function compareSamples({ base, head }: Samples, limit: number): Comparison | null {
  const spread = spreadOf(pairedRatios(head, base));
  if (spread === null) return null;
  const best = Math.min(...head) / Math.min(...base);
  return { spread, best, isSlower: Math.min(best, spread.median) > limit };
}

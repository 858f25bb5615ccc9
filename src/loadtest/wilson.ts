/** The interval in which a share lies, by what was counted. */

import { normalQuantile } from './normal-quantile.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * E. B. Wilson's score interval (1927), which holds for rare events and small counts too. All of 0
 * to 1 where nothing was counted.
 */
export function wilsonInterval(successes: number, total: number, confidence: number): Interval {
  if (total === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / total;
  const scale = 1 + (z * z) / total;
  const center = (share + (z * z) / (2 * total)) / scale;
  const half =
    (z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total))) / scale;
  // Rounding must not exclude the ends.
  return {
    low: successes === 0 ? 0 : center - half,
    high: successes === total ? 1 : center + half,
  };
}

/** Draws keys: each with the same chance, or few of them often, as real traffic has it. */

import type { Random } from '../base/random.ts';

/** Number of a key, from 0. */
export type KeySampler = (random: Random) => number;

/**
 * `exponent` 0: all alike. Otherwise Zipf's law: key n (from 1) comes with a chance proportional to
 * 1 / n^exponent.
 */
export function keySampler(count: number, exponent: number): KeySampler {
  if (exponent === 0) return (random) => Math.floor(random.fraction() * count);
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let index = 0; index < count; index++) {
    sum += (index + 1) ** -exponent;
    upTo[index] = sum;
  }
  return (random) => firstAbove(upTo, random.fraction() * sum);
}

/** Position of the first number above `value`, in ascending numbers of which the last is. */
function firstAbove(numbers: Float64Array, value: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

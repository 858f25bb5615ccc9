/** Quantiles of the standard normal distribution. */

import { assert } from '../base/assert.ts';

/** Coefficients of P. J. Acklam's rational approximations, relative error below 1.2e-9. */
const centerTop = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const centerBottom = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  1,
];
const tailTop = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const tailBottom = [
  0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1,
];

/** Where the tails begin. */
const tail = 0.02425;

/** The value that a share `p`, above 0 and below 1, lies below. */
export function normalQuantile(p: number): number {
  assert(p > 0 && p < 1, 'a quantile is between 0 and 1');
  if (p > 1 - tail) return -normalQuantile(1 - p);
  if (p < tail) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(tailTop, q) / polynomial(tailBottom, q);
  }
  const q = p - 0.5;
  return (q * polynomial(centerTop, q * q)) / polynomial(centerBottom, q * q);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

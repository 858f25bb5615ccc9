/** By how much a counter of the proxy grows. */

import type { CheckOf } from '../check.ts';
import type { Observations } from '../observations.ts';
import { counterGrowth } from '../proxy-counters.ts';
import type { Assertion } from '../scenario.ts';
import { rangeText, type Verdict } from './verdict.ts';

export function assessCounter(
  { name, atLeast, atMost }: CheckOf<'counter'>,
  assertion: Assertion,
  { counters }: Observations,
): Verdict {
  const growth = counterGrowth(counters, name, assertion);
  const range = atMost === Infinity ? `at least ${atLeast}` : rangeText(atLeast, atMost, String);
  const expected = `${name} grows by ${range}`;
  if (growth === null) {
    return { passed: false, expected, found: 'the proxy did not tell', interval: null };
  }
  const passed = atLeast <= growth && growth <= atMost;
  return { passed, expected, found: `grew by ${growth}`, interval: null };
}

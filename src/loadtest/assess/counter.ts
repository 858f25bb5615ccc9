/** By how much a counter of the proxy grows. */

import type { CheckOf } from '../check.ts';
import type { Observations } from '../observations.ts';
import { counterGrowth } from '../proxy-counters.ts';
import type { Assertion } from '../scenario.ts';
import { rangeText, type Verdict } from './verdict.ts';

export function assessCounter(
  { name, atLeast, atMost }: CheckOf<'counter'>,
  assertion: Assertion,
  { counters, unknownCounters }: Observations,
): Verdict {
  const range = atMost === Infinity ? `at least ${atLeast}` : rangeText(atLeast, atMost, String);
  const expected = `${name} grows by ${range}`;
  const nearest = unknownCounters.get(name);
  if (nearest !== undefined) {
    const found = ['the proxy has no such counter', ...nearestText(nearest)].join('; ');
    return { passed: false, expected, found, interval: null };
  }
  const growth = counterGrowth(counters, name, assertion);
  if (growth === null) {
    return { passed: false, expected, found: 'the proxy did not tell', interval: null };
  }
  const passed = atLeast <= growth && growth <= atMost;
  return { passed, expected, found: `grew by ${growth}`, interval: null };
}

function nearestText(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`nearest: ${names.join(', ')}`];
}

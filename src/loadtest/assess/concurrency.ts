/** How many requests a workload has at the same time. */

import type { CheckOf } from '../check.ts';
import type { Observations } from '../observations.ts';
import { rangeText, type Verdict } from './verdict.ts';

export function assessConcurrency(
  { workload, atLeast, atMost }: CheckOf<'concurrency'>,
  { scenario, upstreams }: Observations,
): Verdict {
  const position = scenario.upstreams.findIndex((upstream) => upstream.workload === workload);
  const peak = upstreams.peaks[position] ?? 0;
  const expected = `${rangeText(atLeast, atMost, String)} requests at a time in ${workload}`;
  const passed = atLeast <= peak && peak <= atMost;
  return { passed, expected, found: String(peak), interval: null };
}

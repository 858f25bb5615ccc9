/** Percentiles of the latencies of answers. */

import type { CheckOf } from '../check.ts';
import { latencyHistogram } from '../latency-histogram.ts';
import { type Observations, selected } from '../observations.ts';
import type { Assertion } from '../scenario.ts';
import { timeText, type Verdict } from './verdict.ts';

export function assessLatency(
  { limits }: CheckOf<'latency'>,
  assertion: Assertion,
  seen: Observations,
): readonly Verdict[] {
  const histogram = latencyHistogram(seen.log, selected(seen, assertion));
  return limits.map(({ percentile, atMostMs }) => {
    const name = percentile === 100 ? 'max' : `p${percentile}`;
    const expected = `${name} at most ${timeText(atMostMs)}`;
    if (histogram.count === 0) {
      return { passed: false, expected, found: 'no answer', interval: null };
    }
    const foundMs = histogram.percentileMs(percentile);
    return { passed: foundMs <= atMostMs, expected, found: timeText(foundMs), interval: null };
  });
}

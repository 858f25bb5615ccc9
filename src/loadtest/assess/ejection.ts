/** Whether outlier detection ejects an endpoint in time, and lets it return. */

import type { CheckOf } from '../check.ts';
import type { Observations } from '../observations.ts';
import { timeText, type Verdict } from './verdict.ts';

export function assessEjection(
  check: CheckOf<'ejection'>,
  { endpoints, ejections }: Observations,
): readonly Verdict[] {
  const { workload, endpoint, afterMs, withinMs, returnsWithinMs } = check;
  const name = `${workload} endpoint ${endpoint}`;
  const observed = endpoints.find(
    (each) => each.workload === workload && each.ordinal === endpoint,
  );
  const events = ejections.filter(({ port }) => port === observed?.port);
  const ejected = events.find((event) => event.ejected && event.atMs >= afterMs);
  const tookMs = ejected === undefined ? Infinity : ejected.atMs - afterMs;
  const ejection: Verdict = {
    passed: tookMs <= withinMs,
    expected: `${name} ejected within ${timeText(withinMs)}`,
    found: tookMs === Infinity ? 'not ejected' : `after ${timeText(tookMs)}`,
    interval: null,
  };
  if (returnsWithinMs === null) return [ejection];
  const expected = `${name} back within ${timeText(returnsWithinMs)}`;
  if (ejected === undefined) {
    return [ejection, { passed: false, expected, found: 'not ejected', interval: null }];
  }
  const back = events.find((event) => !event.ejected && event.atMs > ejected.atMs);
  const awayMs = back === undefined ? Infinity : back.atMs - ejected.atMs;
  const found = awayMs === Infinity ? 'still ejected at the end' : `after ${timeText(awayMs)}`;
  return [ejection, { passed: awayMs <= returnsWithinMs, expected, found, interval: null }];
}

/** How often requests are tried again. */

import type { CheckOf } from '../check.ts';
import { type Observations, selected } from '../observations.ts';
import type { Assertion } from '../scenario.ts';
import { slotMs } from '../upstream/messages.ts';
import { rangeText, type Verdict } from './verdict.ts';

export function assessRetries(
  { atLeast, atMost, windowMs }: CheckOf<'retries'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const expected = `${rangeText(atLeast, atMost, rateText)} retries for each request`;
  const length = Math.max(slotMs, windowMs ?? Infinity);
  const windows = new Map<number, { retries: number; requests: number }>();
  const windowAt = (ms: number): { retries: number; requests: number } => {
    const position = length === Infinity ? 0 : Math.floor((ms - assertion.fromMs) / length);
    const known = windows.get(position) ?? { retries: 0, requests: 0 };
    windows.set(position, known);
    return known;
  };
  for (const index of selected(seen, assertion)) windowAt(seen.log.dueMs(index)).requests++;
  if (windows.size === 0) return { passed: false, expected, found: 'no request', interval: null };
  for (const { retries } of seen.upstreams.endpoints) {
    for (const [slot, count] of retries.entries()) {
      const ms = slot * slotMs;
      if (ms >= assertion.fromMs && ms < assertion.untilMs) windowAt(ms).retries += count;
    }
  }
  // Retries of the last requests come when no more are sent.
  const full = [...windows.values()].filter(({ requests }) => requests > 0);
  const rates = full.map(({ retries, requests }) => retries / requests);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const found = low === high ? rateText(low) : `${rateText(low)} to ${rateText(high)}`;
  return { passed: atLeast <= low && high <= atMost, expected, found, interval: null };
}

function rateText(rate: number): string {
  return String(Number(rate.toFixed(3)));
}

/** How long a failure shows. */

import type { CheckOf } from '../check.ts';
import { type Observations, selected } from '../observations.ts';
import type { Assertion } from '../scenario.ts';
import { percentText, timeText, type Verdict } from './verdict.ts';

/** Errors are counted in parts of this length. */
const partMs = 100;

export function assessRecovery(
  { afterMs, withinMs, errors }: CheckOf<'recovery'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const parts = new Map<number, { errors: number; total: number }>();
  for (const index of selected(seen, { ...assertion, fromMs: afterMs })) {
    const part = Math.floor((seen.log.dueMs(index) - afterMs) / partMs);
    const count = parts.get(part) ?? { errors: 0, total: 0 };
    count.total++;
    if (seen.log.isError(index)) count.errors++;
    parts.set(part, count);
  }
  const expected = `errors at most ${percentText(errors)} after ${timeText(withinMs)}`;
  if (parts.size === 0) return { passed: false, expected, found: 'no request', interval: null };
  const bad = [...parts].filter(([, count]) => count.errors / count.total > errors);
  const last = Math.max(-1, ...bad.map(([part]) => part));
  const tookMs = (last + 1) * partMs;
  const isOver = last < Math.max(...parts.keys());
  const found = isOver ? `after ${timeText(tookMs)}` : 'errors until the end';
  return { passed: isOver && tookMs <= withinMs, expected, found, interval: null };
}

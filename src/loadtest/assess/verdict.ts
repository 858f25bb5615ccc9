/** Whether one thing holds, in words that say what was expected and what was found. */

import { type Interval, wilsonInterval } from '../wilson.ts';

export interface Verdict {
  readonly passed: boolean;
  readonly expected: string;
  readonly found: string;
  /** Around a share that chance decides; null for anything else. */
  readonly interval: Interval | null;
}

/** What was counted for a share. */
export interface Count {
  readonly hits: number;
  readonly total: number;
}

/** Of a share that chance decides: it holds when it lies in the interval around what was counted. */
export function shareVerdict(
  subject: string,
  share: number,
  count: Count,
  confidence: number,
): Verdict {
  const { hits, total } = count;
  const expected = `${subject} ${percentText(share)}`;
  if (total === 0) return { passed: false, expected, found: 'no request', interval: null };
  const interval = wilsonInterval(hits, total, confidence);
  const passed = interval.low <= share && share <= interval.high;
  return { passed, expected, found: countText(count), interval };
}

/** Of a share that must lie in a range as it was counted. */
export function rangeVerdict(
  subject: string,
  range: { readonly atLeast: number; readonly atMost: number },
  count: Count,
): Verdict {
  const { hits, total } = count;
  const { atLeast, atMost } = range;
  const expected = `${subject} ${rangeText(atLeast, atMost, percentText)}`;
  if (total === 0) return { passed: false, expected, found: 'no request', interval: null };
  const share = hits / total;
  const passed = atLeast <= share && share <= atMost;
  return { passed, expected, found: countText(count), interval: null };
}

export function rangeText(
  atLeast: number,
  atMost: number,
  text: (value: number) => string,
): string {
  if (atLeast === atMost) return `exactly ${text(atMost)}`;
  return atLeast === 0 ? `at most ${text(atMost)}` : `${text(atLeast)} to ${text(atMost)}`;
}

function countText({ hits, total }: Count): string {
  return `${percentText(hits / total)} (${hits} of ${total})`;
}

export function percentText(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}

/** The one way in which durations are written: `20 µs`, `7.5 ms`, `1.25 s`. */
export function timeText(ms: number): string {
  if (ms > 0 && ms < 1) return `${Number((1000 * ms).toPrecision(3))} µs`;
  const rounded = Number(ms.toFixed(1));
  return rounded < 1000 ? `${rounded} ms` : `${Number((ms / 1000).toFixed(3))} s`;
}

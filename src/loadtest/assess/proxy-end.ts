/** That the proxy ended under load, which no scenario allows: what comes after it says nothing. */

import type { Observations } from '../observations.ts';
import { timeText, type Verdict } from './verdict.ts';

/** Nothing where it did not end. */
export function assessProxyEnd({ proxyEnd }: Observations): readonly Verdict[] {
  if (proxyEnd === null) return [];
  const { atMs, how } = proxyEnd;
  const time = atMs < 0 ? 'in the warm-up' : `after ${timeText(atMs)}`;
  const found = `${how} ${time}`;
  return [{ passed: false, expected: 'runs until the end of the load', found, interval: null }];
}

/** What it wrote last, for people. */
export function lastWords({ proxyEnd }: Observations): readonly string[] {
  if (proxyEnd === null) return [];
  const { lastLines } = proxyEnd;
  if (lastLines.length === 0) return ['the proxy ended without a word'];
  return lastLines.map((line) => `last lines of the proxy: ${line}`);
}

/** Durations of the configuration in milliseconds. */

import { parseDuration } from '../../base/duration.ts';

/** A duration of zero is one. */
export function durationOr(text: string | undefined, fallbackMs: number): number {
  return text === undefined ? fallbackMs : (parseDuration(text) ?? fallbackMs);
}

/** For fields where Istio reads zero and less as "not set". */
export function positiveDurationOr(text: string | undefined, fallbackMs: number): number {
  const ms = durationOr(text, fallbackMs);
  return ms <= 0 ? fallbackMs : ms;
}

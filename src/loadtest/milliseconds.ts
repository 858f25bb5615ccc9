/** Durations of a scenario, whose form its schema has checked. */

import { parseDuration } from '../base/duration.ts';

export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

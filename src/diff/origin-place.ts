/** Where something is said, in a word. */

import type { Origin } from '../model/origin.ts';

/** `reviews.yaml:12`; empty for what the proxy made by itself. */
export function originPlace({ file, line }: Origin): string {
  return line === 0 ? file : `${file}:${line}`;
}

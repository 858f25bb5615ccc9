/** Origins as explanations tell them. */

import type { Origin } from '../model/origin.ts';

/** null: the proxy makes the object itself. */
export function describeOrigin(origin: Origin): Origin | null {
  return origin.kind === '' ? null : origin;
}

/** Origins as explanations tell them. */

import type { Origin } from '../model/origin.ts';

/** Without the column, which tells parts of a line apart. null: the proxy makes the object itself. */
export function describeOrigin({ column: _, ...origin }: Origin): Origin | null {
  return origin.kind === '' ? null : origin;
}

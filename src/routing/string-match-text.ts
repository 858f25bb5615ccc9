/** How one string of a request is compared, as people read it. */

import type { StringMatch } from '../model/route-match.ts';

/** `exact "canary"`; of a header that only has to be there: `present`. */
export function stringMatchText(match: StringMatch): string {
  return match.kind === 'present' ? 'present' : `${match.kind} "${match.value}"`;
}

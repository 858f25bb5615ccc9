/** The kind of a path condition as people write it. */

import type { PathMatch } from '../model/route-match.ts';

/** `PathPrefix` is the name of the Gateway API for what stops at a slash, as Ingress's Prefix does. */
export function pathKindText(kind: PathMatch['kind']): string {
  return kind === 'path-separated-prefix' ? 'PathPrefix' : kind;
}

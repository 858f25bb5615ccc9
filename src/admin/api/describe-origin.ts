/** Origins as the API tells them. */

import type { Origin } from '../../model/origin.ts';
import type { OptionalOrigin } from './schema/shared.ts';

/** null: the proxy makes the object itself. */
export function describeOrigin(origin: Origin): OptionalOrigin {
  return origin.kind === '' ? null : origin;
}

/** Where an object of the configuration was defined, as tables show it. */

import type { OptionalOrigin } from '../../admin/api/schema/shared.ts';
import { originPlace } from '../../model/origin.ts';

/** `reviews.default` where a resource of that kind made the object; else empty. */
export function resourceName(origin: OptionalOrigin, kind: string): string {
  return origin?.kind === kind ? `${origin.name}.${origin.namespace}` : '';
}

/** `-` for what the proxy made by itself. */
export function placeCell(origin: OptionalOrigin): string {
  return originPlace(origin) || '-';
}

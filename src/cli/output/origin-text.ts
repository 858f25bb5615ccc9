/** Where an object of the configuration was defined, as tables show it. */

import type { OptionalOrigin } from '../../admin/api/schema/shared.ts';

/** `reviews.default` where a resource of that kind made the object; else empty. */
export function resourceName(origin: OptionalOrigin, kind: string): string {
  return origin?.kind === kind ? `${origin.name}.${origin.namespace}` : '';
}

/** `rules/reviews.yaml:12`; `-` for what the proxy made by itself. */
export function originPlace(origin: OptionalOrigin): string {
  if (origin === null || origin.file === '') return '-';
  const name = origin.file === '-' ? 'standard input' : origin.file;
  return origin.line === 0 ? name : `${name}:${origin.line}`;
}

/** The order of routes, and of policies, where they say the same: that of the older one decides. */

import type { Resource } from '../../resource.ts';

/** By age, then by namespace and name. */
export function inAge<T extends Resource<string, unknown>>(resources: readonly T[]): T[] {
  return [...resources].sort(({ metadata: a }, { metadata: b }) => {
    const age = a.creationTimestamp - b.creationTimestamp;
    if (age !== 0) return age;
    if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });
}

/** Status of a route: conditions for each of its parents. */

import type { Condition, PartStatus, ResourceStatus } from '../resource-status.ts';
import type { ParentAttachment, Route } from './attachment.ts';

/** `more`: conditions of the route for a parent beyond `Accepted`, and that one for the mesh. */
export function routeStatus(
  { kind, metadata }: Route,
  parents: readonly ParentAttachment[],
  more: (parent: ParentAttachment) => readonly Condition[],
): ResourceStatus {
  const { namespace, name } = metadata;
  const parts = parents.flatMap((parent) => {
    const conditions = [
      ...(parent.accepted === null ? [] : [parent.accepted]),
      ...(parent.parent === 'other' ? [] : more(parent)),
    ];
    return conditions.length === 0 ? [] : [partStatus(parent, namespace, conditions)];
  });
  return { kind, namespace, name, conditions: [], parts };
}

function partStatus(
  { ref }: ParentAttachment,
  namespace: string,
  conditions: readonly Condition[],
): PartStatus {
  const parent = `${ref.namespace ?? namespace}/${ref.name}`;
  const section = ref.sectionName === undefined ? '' : `/${ref.sectionName}`;
  return { name: `${parent}${section}`, attachedRoutes: null, conditions };
}

/** Status of a route: conditions for each of its parents. */

import type { Condition, PartStatus, ResourceStatus } from '../resource-status.ts';
import type { ParentAttachment, Route } from './attachment.ts';

/**
 * `more`: conditions of the route for a parent beyond `Accepted`; that one too for the mesh, and
 * where the route is attached and yet left out.
 */
export function routeStatus(
  { kind, metadata }: Route,
  parents: readonly ParentAttachment[],
  more: (parent: ParentAttachment) => readonly Condition[],
): ResourceStatus {
  const { namespace, name } = metadata;
  const parts = parents.flatMap((parent) => {
    const conditions = withAccepted(parent, parent.parent === 'other' ? [] : more(parent));
    return conditions.length === 0 ? [] : [partStatus(parent, namespace, conditions)];
  });
  return { kind, namespace, name, conditions: [], parts };
}

function withAccepted(
  { accepted }: ParentAttachment,
  more: readonly Condition[],
): readonly Condition[] {
  if (accepted === null) return more;
  const others = more.filter(({ type }) => type !== 'Accepted');
  const isLeftOut = accepted.status === 'True' && others.length < more.length;
  return isLeftOut ? more : [accepted, ...others];
}

/** `shop/edge:8080/http`. */
function partStatus(
  { ref }: ParentAttachment,
  namespace: string,
  conditions: readonly Condition[],
): PartStatus {
  const parent = `${ref.namespace ?? namespace}/${ref.name}`;
  const section = ref.sectionName === undefined ? '' : `/${ref.sectionName}`;
  const port = ref.port === undefined ? '' : `:${ref.port}`;
  return { name: `${parent}${port}${section}`, attachedRoutes: null, conditions };
}

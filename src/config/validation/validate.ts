/** Istio's rules on the meaning of a resource, beyond what its schema says. */

import type { Problems } from '../problem.ts';
import type { Resource } from '../resource.ts';
import type { KindName } from '../schema/kinds.ts';

export function validateResource(
  _resource: Resource<KindName, unknown>,
  _problems: Problems,
): void {}

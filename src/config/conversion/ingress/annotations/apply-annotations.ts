/** What the annotations of nginx's Ingress controller change in the rules of Ingresses. */

import type { Resource } from '../../../resource.ts';
import type { DestinationRuleSpec } from '../../../schema/destination-rule.ts';
import type { ServiceEntrySpec } from '../../../schema/service-entry.ts';
import type { IngressContext, IngressRule } from '../ingress-rule.ts';

export interface AnnotatedRules {
  readonly rules: readonly IngressRule[];
  /** Subsets without labels, for backends that are used in a way of their own. */
  readonly destinationRules: readonly Resource<'DestinationRule', DestinationRuleSpec>[];
  /** Hosts outside the mesh that get copies of requests. */
  readonly serviceEntries: readonly Resource<'ServiceEntry', ServiceEntrySpec>[];
}

export function applyAnnotations(
  rules: readonly IngressRule[],
  _context: IngressContext,
): AnnotatedRules {
  return { rules, destinationRules: [], serviceEntries: [] };
}

/** What annotations of Ingresses change in their rules, and what they ask of destinations. */

import type { DestinationRule } from '../../../translate/istio-resources.ts';
import type { IngressContext, IngressRule } from '../ingress-rule.ts';

export interface AnnotatedRules {
  readonly rules: readonly IngressRule[];
  /** Subsets of destinations; they merge with the user's own rules for the same hosts. */
  readonly destinationRules: readonly DestinationRule[];
}

/** `rules` are those of all Ingresses that are served, in Istio's order. */
export function applyAnnotations(
  rules: readonly IngressRule[],
  _context: IngressContext,
): AnnotatedRules {
  return { rules, destinationRules: [] };
}

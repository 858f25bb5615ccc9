/** Which rules choose among their destinations by hash (annotation `sluice.dev/sticky-weights`). */

import { isDeepStrictEqual } from '../../../base/node-util.ts';
import type { HashPolicy } from '../../../model/route-policy.ts';
import { stickyWeightsAnnotation as annotation, isOn } from '../../annotations.ts';
import type { BoundVirtualService, HttpRule } from '../rules/virtual-services.ts';
import { findService, type Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import { hashPolicyOfDestination } from './hash-policies.ts';

/** A delegate may leave it to the rule that includes it to say so. */
export function hasStickyWeights({ resource, includedBy }: HttpRule): boolean {
  if (isOn(resource.metadata.annotations, annotation)) return true;
  return includedBy !== undefined && hasStickyWeights(includedBy);
}

/**
 * Istio hashes a policy once for each destination that has it. Here it counts once, so that no
 * key moves when a destination with the same policy comes or goes.
 */
export function withoutRepeats(policies: readonly HashPolicy[]): HashPolicy[] {
  return policies.filter(
    (policy, index) => policies.findIndex((other) => isDeepStrictEqual(other, policy)) === index,
  );
}

/** Says where the annotation changes nothing, and why. */
export function reportStickyWeights(scope: Scope): void {
  for (const service of scope.virtualServices) {
    const split = service.rules.filter(({ spec }) => (spec.route ?? []).length > 1);
    for (const rule of split.filter(hasStickyWeights)) reportNoHash(scope, rule);
    if (!split.some(hasStickyWeights)) reportNothingSplit(scope, service);
  }
}

function reportNothingSplit(scope: Scope, { resource, rules }: BoundVirtualService): void {
  for (const asking of new Set([resource, ...rules.map((rule) => rule.resource)])) {
    if (!isOn(asking.metadata.annotations, annotation)) continue;
    scope.findings.add(
      translationCode.stickyWeights,
      { resource: asking, path: ['metadata', 'annotations', annotation] },
      {
        message: `${annotation} has no effect: no rule has several destinations`,
        hint: 'give a rule two or more entries under "route", with weights',
      },
    );
  }
}

function reportNoHash(scope: Scope, { spec, resource, path }: HttpRule): void {
  const destinations = spec.route ?? [];
  const isHashed = destinations.some(({ destination }) => {
    const service = findService(scope, destination.host);
    const rule = service === null ? null : scope.destinationRules.for(service);
    return hashPolicyOfDestination(rule, destination) !== null;
  });
  if (isHashed) return;
  const hosts = [...new Set(destinations.map(({ destination }) => destination.host))].join(', ');
  scope.findings.add(
    translationCode.stickyWeights,
    { resource, path: [...path, 'route'] },
    {
      message: `${annotation} has no effect: no DestinationRule says what to hash`,
      hint: `set trafficPolicy.loadBalancer.consistentHash in the DestinationRule of ${hosts}`,
    },
  );
}

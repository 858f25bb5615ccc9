/** Which rules inject their faults into attempts (annotation `sluice.dev/fault-in-attempt`). */

import { faultInAttemptAnnotation as annotation, isOn } from '../../annotations.ts';
import type { HttpRule } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';

/** A delegate may leave it to the rule that includes it to say so. */
export function isFaultInAttempt({ resource, includedBy }: HttpRule): boolean {
  if (isOn(resource.metadata.annotations, annotation)) return true;
  return includedBy !== undefined && isFaultInAttempt(includedBy);
}

/** Says where the annotation changes nothing. */
export function reportAttemptFaults({ virtualServices, findings }: Scope): void {
  for (const { resource, rules } of virtualServices) {
    const faulty = rules.filter(({ spec }) => spec.fault !== undefined && spec.route !== undefined);
    if (faulty.some(isFaultInAttempt)) continue;
    for (const asking of new Set([resource, ...rules.map((rule) => rule.resource)])) {
      if (!isOn(asking.metadata.annotations, annotation)) continue;
      findings.add(
        translationCode.faultInAttempt,
        { resource: asking, path: ['metadata', 'annotations', annotation] },
        {
          message: `${annotation} has no effect: no rule with a destination has a fault`,
          hint: 'give a rule a "fault", or remove the annotation',
        },
      );
    }
  }
}

/** Which toxics are on a rule: those of all ToxicPolicy resources that refer to it. */

import { compareText } from '../../../base/compare-text.ts';
import type { Toxic } from '../../../model/toxic.ts';
import type { Resource } from '../../resource.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { ToxicPolicySpec, ToxicTarget } from '../../schema/toxic-policy.ts';
import type { VirtualService } from '../istio-resources.ts';
import type { HttpRule } from '../rules/virtual-services.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';
import { translateToxic } from './toxics.ts';

export type ToxicPolicy = Resource<'ToxicPolicy', ToxicPolicySpec>;

interface BoundPolicy {
  readonly policy: ToxicPolicy;
  readonly toxics: readonly Toxic[];
}

export class ToxicPolicies {
  /** By name. */
  readonly #policies: readonly BoundPolicy[];

  constructor(resources: readonly ToxicPolicy[]) {
    this.#policies = [...resources]
      .sort((a, b) => compareText(a.metadata.name, b.metadata.name))
      .map((policy) => ({
        policy,
        toxics: policy.spec.toxics.flatMap(
          (toxic, index) => translateToxic(toxic, policy, ['spec', 'toxics', index]) ?? [],
        ),
      }));
  }

  /** All policies of a rule apply, in the order of their names; null where there is nothing. */
  for(rule: HttpRule): readonly Toxic[] | null {
    const toxics = this.#policies.flatMap(({ policy, toxics }) =>
      concerns(policy, rule) ? toxics : [],
    );
    return toxics.length === 0 ? null : toxics;
  }
}

/** A rule of a delegate is also a part of the rule that includes it. */
function concerns(policy: ToxicPolicy, rule: HttpRule): boolean {
  if (policy.spec.targetRefs.some((target) => isMeant(target, policy, rule))) return true;
  return rule.includedBy !== undefined && concerns(policy, rule.includedBy);
}

function isMeant(target: ToxicTarget, policy: ToxicPolicy, rule: HttpRule): boolean {
  const { metadata, spec } = rule.resource;
  if (metadata.name !== target.name) return false;
  if (metadata.namespace !== policy.metadata.namespace) return false;
  if (target.sectionName === undefined) return true;
  // As it is written there: the name of a delegate's rule is joined with that of its root.
  const written = spec.http?.[Number(rule.path[2])];
  return written?.name === target.sectionName;
}

/** Reports targets that are not there. */
export function reportToxicTargets(
  policies: readonly ToxicPolicy[],
  virtualServices: readonly VirtualService[],
  findings: TranslationFindings,
): void {
  for (const policy of policies) {
    const { namespace } = policy.metadata;
    const candidates = virtualServices.filter(({ metadata }) => metadata.namespace === namespace);
    for (const [index, target] of policy.spec.targetRefs.entries()) {
      const missing = missingPart(target, candidates);
      if (missing === null) continue;
      const near = nearestName(missing.name, missing.known);
      findings.add(
        translationCode.unknownToxicTarget,
        { resource: policy, path: ['spec', 'targetRefs', index, missing.field] },
        { message: missing.message, hint: near === null ? null : `did you mean "${near}"?` },
      );
    }
  }
}

interface Missing {
  readonly field: 'name' | 'sectionName';
  readonly message: string;
  readonly name: string;
  /** Names that would do. */
  readonly known: readonly string[];
}

function missingPart(target: ToxicTarget, candidates: readonly VirtualService[]): Missing | null {
  const { name, sectionName } = target;
  const found = candidates.find(({ metadata }) => metadata.name === name);
  if (found === undefined) {
    return {
      field: 'name',
      message: `there is no VirtualService "${name}" in this namespace; nothing happens to it`,
      name,
      known: candidates.map(({ metadata }) => metadata.name),
    };
  }
  const sections = (found.spec.http ?? []).flatMap((rule) => rule.name ?? []);
  if (sectionName === undefined || sections.includes(sectionName)) return null;
  return {
    field: 'sectionName',
    message: `VirtualService "${name}" has no http rule "${sectionName}"; nothing happens to it`,
    name: sectionName,
    known: sections,
  };
}

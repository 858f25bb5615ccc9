/** The rules of Ingresses that are canaries, and the rules that each is for. */

import { translationCode } from '../../../translate/translation-findings.ts';
import type { IngressContext, IngressRule } from '../ingress-rule.ts';
import type { CanaryPart } from './annotated-routes.ts';
import type { Canary } from './canary.ts';
import type { OwnedRule } from './host-rules.ts';

interface CanaryRule {
  readonly rule: IngressRule;
  readonly canary: Canary;
}

export interface FoundCanary {
  readonly rule: IngressRule;
  readonly part: CanaryPart;
}

export class CanaryRules {
  readonly #rules: readonly CanaryRule[];
  readonly #used = new Set<IngressRule>();

  constructor(rules: readonly OwnedRule[]) {
    this.#rules = rules.flatMap(({ rule, options }) => {
      const canary = options?.canary ?? null;
      return canary === null ? [] : [{ rule, canary }];
    });
  }

  /** The first with the same host and path; null where that one has no backend. */
  of(main: IngressRule): FoundCanary | null {
    const found = this.#rules.find(({ rule }) => placeOf(rule) === placeOf(main));
    if (found === undefined) return null;
    this.#used.add(found.rule);
    const { rule, canary } = found;
    return rule.backend.ok ? { rule, part: { canary, destination: rule.backend.value } } : null;
  }

  /** Says which are for nothing. Those without a backend are returned: that is told elsewhere. */
  report({ findings }: IngressContext): IngressRule[] {
    for (const { rule } of this.#rules) {
      if (this.#used.has(rule)) continue;
      findings.add(translationCode.lonelyCanary, rule.placeOf(['match']), {
        message: `the canary has no effect: no other rule is for ${placeOf(rule)}`,
        hint: 'a canary has the host and the path of a rule of another Ingress, one canary each',
      });
    }
    const unusable = this.#rules.filter(({ rule }) => !rule.backend.ok);
    return unusable.map(({ rule }) => ({ ...rule, routes: [] }));
  }
}

function placeOf({ host, written }: IngressRule): string {
  return `${host}${written === null ? ' by default' : (written.path ?? '/')}`;
}

/** Several VirtualServices for one host of a Gateway: rules of a later one that an earlier hides. */

import { findingCode } from '../../finding-code.ts';
import { resourceLabel } from '../../resource.ts';
import type { BoundVirtualService, HttpRule } from '../../translate/rules/virtual-services.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { type Coverable, coverable } from './covering.ts';
import { describeMatch, isUnconditional, matchPath, takesEverything } from './hidden-match.ts';
import { type EarlierMatch, MatchIndex } from './match-index.ts';
import type { Traffic } from './traffic.ts';

export function* mergeLosesRule({ virtualServices }: Traffic): Iterable<AnalyzerFinding> {
  const told = new Set<HttpRule>();
  for (const { gateway, host, members } of sharedHosts(virtualServices)) {
    const index = new MatchIndex();
    let everything: EarlierMatch | null = null;
    for (const { rules } of members) {
      for (const hidden of hiddenIn(rules, index, everything)) {
        if (told.has(hidden.rule)) continue;
        told.add(hidden.rule);
        yield mergeFinding(hidden, `${host} on Gateway ${gateway}`);
      }
      for (const rule of reachedRules(rules)) {
        // Rules for everything are put behind those of all resources.
        if (takesEverything(rule)) everything ??= { match: coverable({}), rule };
        for (const match of rule.spec.match ?? []) {
          if (!isUnconditional(match)) index.add({ match: coverable(match), rule });
        }
      }
    }
  }
}

interface SharedHost {
  readonly gateway: string;
  readonly host: string;
  readonly members: readonly BoundVirtualService[];
}

function sharedHosts(virtualServices: readonly BoundVirtualService[]): SharedHost[] {
  const shared = new Map<string, SharedHost & { readonly members: BoundVirtualService[] }>();
  for (const virtualService of virtualServices) {
    for (const gateway of new Set(virtualService.gateways)) {
      if (gateway === 'mesh') continue;
      for (const host of virtualService.hosts) {
        const key = `${gateway} ${host}`;
        const known = shared.get(key);
        if (known !== undefined) known.members.push(virtualService);
        else shared.set(key, { gateway, host, members: [virtualService] });
      }
    }
  }
  return [...shared.values()].filter(({ members }) => members.length > 1);
}

interface Hidden {
  readonly rule: HttpRule;
  readonly position: number;
  readonly earlier: EarlierMatch;
}

function* hiddenIn(
  rules: readonly HttpRule[],
  index: MatchIndex,
  everything: EarlierMatch | null,
): Iterable<Hidden> {
  for (const rule of reachedRules(rules)) {
    const matches = rule.spec.match ?? [];
    if (matches.length === 0 && everything !== null) {
      yield { rule, position: 0, earlier: everything };
    }
    for (const [position, match] of matches.entries()) {
      const earlier = isUnconditional(match) ? everything : index.covering(coverable(match));
      if (earlier !== null) yield { rule, position, earlier };
    }
  }
}

/** Up to the rule for everything, after which Istio makes no routes. */
function reachedRules(rules: readonly HttpRule[]): readonly HttpRule[] {
  const last = rules.findIndex(takesEverything);
  return last === -1 ? rules : rules.slice(0, last + 1);
}

function mergeFinding({ rule, position, earlier }: Hidden, where: string): AnalyzerFinding {
  const { resource } = earlier.rule;
  const { kind, metadata, file } = resource;
  const { line } = resource.positionOf(earlier.rule.path);
  const first = resourceLabel(kind, metadata.namespace, metadata.name);
  const path = (rule.spec.match ?? []).length === 0 ? rule.path : matchPath(rule, position);
  return {
    code: findingCode.mergeLosesRule,
    resource: rule.resource,
    path,
    message: `no request for ${where} comes here: ${taken(earlier.match)} of ${first} (${file}:${line}) goes first`,
    hint: 'put the rules into one VirtualService, or let their matches exclude each other',
  };
}

function taken(match: Coverable): string {
  return isUnconditional(match.source) ? 'the rule for everything' : describeMatch(match);
}

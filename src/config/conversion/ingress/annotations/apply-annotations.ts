/** What the annotations of nginx's Ingress controller change in the rules of Ingresses. */

import type { Resource } from '../../../resource.ts';
import type { DestinationRuleSpec } from '../../../schema/destination-rule.ts';
import type { ServiceEntrySpec } from '../../../schema/service-entry.ts';
import { translationCode } from '../../../translate/translation-findings.ts';
import type { Ingress, IngressContext, IngressRule } from '../ingress-rule.ts';
import { annotatedRoutes, type RuleContext } from './annotated-routes.ts';
import { AnnotationReader } from './annotation-reader.ts';
import { CanaryRules } from './canary-rules.ts';
import { reportUnread } from './check-names.ts';
import { aliasRules, appRootRules, type OwnedRule, wwwRules } from './host-rules.ts';
import { type IngressOptions, readOptions } from './ingress-options.ts';
import { Mirrors } from './mirrors.ts';
import { regexPath } from './rewrite.ts';
import { annotatedPlace } from './rule-places.ts';
import { Subsets } from './subsets.ts';
import { type RegexHosts, reportTurnedPath } from './turned-path.ts';

export interface AnnotatedRules {
  readonly rules: readonly IngressRule[];
  /** Subsets without labels, for backends that are used in a way of their own. */
  readonly destinationRules: readonly Resource<'DestinationRule', DestinationRuleSpec>[];
  /** Hosts outside the mesh that get copies of requests. */
  readonly serviceEntries: readonly Resource<'ServiceEntry', ServiceEntrySpec>[];
}

export function applyAnnotations(
  rules: readonly IngressRule[],
  context: IngressContext,
): AnnotatedRules {
  const owned = withOptions(rules, context);
  const canaries = new CanaryRules(owned);
  const main = owned.filter(({ options }) => (options?.canary ?? null) === null);
  const subsets = new Subsets(context);
  const mirrors = new Mirrors(context);
  const hosts = regexHosts(main);
  const ruleContext = { ...context, subsets, mirrors, hosts, canaries };
  const annotated = [
    ...main.map((each) => annotate(each, ruleContext)),
    ...appRootRules(main),
    ...wwwRules(main),
    ...canaries.report(context),
  ];
  return {
    rules: [...annotated, ...aliasRules(annotated, main)],
    destinationRules: [...subsets.destinationRules(), ...mirrors.destinationRules()],
    serviceEntries: mirrors.serviceEntries(),
  };
}

function withOptions(rules: readonly IngressRule[], context: IngressContext): OwnedRule[] {
  const known = new Map<Ingress, IngressOptions | null>();
  return rules.map((rule) => {
    const { ingress } = rule;
    if (!known.has(ingress)) known.set(ingress, optionsOf(rule, context));
    return { rule, options: known.get(ingress) ?? null };
  });
}

/** null for an Ingress that has nothing to do with nginx. */
function optionsOf({ ingress, dialect }: IngressRule, { findings }: IngressContext) {
  if (dialect === 'nginx') return readOptions(ingress, findings);
  if (dialect === 'istio') reportUnread(new AnnotationReader(ingress, findings));
  return null;
}

/** One Ingress that rewrites or has patterns makes all paths of a host patterns, in nginx too. */
function regexHosts(rules: readonly OwnedRule[]): ReadonlyMap<string, Ingress> {
  const owners = rules.filter(({ rule, options }) => {
    if (options === null || rule.written === null) return false;
    const { usesRegex, rewriteTarget } = options;
    return usesRegex || (rewriteTarget !== null && rewriteTarget !== rule.written.path);
  });
  // Of several the first is named.
  return new Map(owners.toReversed().map(({ rule }) => [rule.host, rule.ingress]));
}

interface HostContext extends RuleContext, RegexHosts {
  readonly canaries: CanaryRules;
}

function annotate({ rule, options }: OwnedRule, context: HostContext): IngressRule {
  if (options === null) return rule;
  const path = rule.written?.path ?? '';
  const isRegex = rule.written !== null && context.hosts.has(rule.host);
  const regex = isRegex ? regexPath(path === '' ? '/' : path, options.rewriteTarget) : null;
  if (regex !== null && 'mistake' in regex) {
    context.findings.add(translationCode.annotationValue, rule.placeOf(['match']), {
      message: `"${path}" is no regular expression of RE2: ${regex.mistake}; it is left out`,
      hint: 'paths are patterns where use-regex or rewrite-target is used for the host',
    });
    return { ...rule, routes: [] };
  }
  if (regex !== null) reportTurnedPath({ rule, options }, context);
  const found = context.canaries.of(rule);
  const routes = annotatedRoutes({ rule, options, regex, canary: found?.part ?? null }, context);
  return {
    ...rule,
    routes,
    ...(regex === null ? {} : { precedence: precedenceOf(path) }),
    placeOf: annotatedPlace(rule, options, found?.rule ?? null),
  };
}

/** nginx asks patterns in the order of their length. */
function precedenceOf(path: string): IngressRule['precedence'] {
  return { length: Math.max(path.length, 1), isExact: false };
}

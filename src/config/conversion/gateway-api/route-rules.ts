/** The rules of an HTTPRoute or GRPCRoute as rules of VirtualServices, one for each match. */

import type { Path } from '../../problem.ts';
import type { HttpRouteMatch, HttpRouteRule } from '../../schema/gateway-api/http-route.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import type { Backends } from './backends.ts';
import type { GatewayApiContext } from './context.ts';
import { FieldPlaces, type MadeRule, type MatchPlace, type RouteResource } from './made-rule.ts';
import { grpcMatch, httpMatch } from './matches.ts';
import {
  type ReferenceProblem,
  reportMissingBackend,
  reportReference,
} from './reference-problem.ts';
import { type ActingRule, type RuleAction, ruleAction } from './rule-action.ts';
import type { Sessions } from './session-persistence.ts';

export interface RulesContext {
  readonly backends: Backends;
  readonly sessions: Sessions;
  /** For a parent that is a Service. */
  readonly isMesh: boolean;
}

export interface RouteRules {
  /** In the order in which they are written. */
  readonly rules: readonly MadeRule[];
  readonly problems: readonly ReferenceProblem[];
  /** Why there are no rules: the first backend that cannot be understood. */
  readonly leftOut: ReferenceProblem | null;
}

/** Without any rule where a backend cannot be understood: Istio leaves the whole route out. */
export function routeRules(route: RouteResource, context: RulesContext): RouteRules {
  const rules: MadeRule[] = [];
  const problems: ReferenceProblem[] = [];
  for (const [index, { rule, matches }] of matchingRules(route).entries()) {
    const path = ['spec', 'rules', index];
    const action = ruleAction(rule, { route, path, ...context });
    problems.push(...action.problems);
    const { namespace, name } = route.metadata;
    const named = { name: rule.name ?? `${namespace}.${name}.${index}`, action };
    rules.push(...rulesOf(named, { route, path, matches }));
  }
  const leftOut = problems.find(leavesOut) ?? null;
  return { rules: leftOut === null ? rules : [], problems, leftOut };
}

function leavesOut({ reason, isCopy }: ReferenceProblem): boolean {
  return reason === 'InvalidDestination' && isCopy !== true;
}

export function reportProblems(
  route: RouteResource,
  { problems, leftOut }: RouteRules,
  { findings }: GatewayApiContext,
): void {
  for (const problem of problems) {
    if (leavesOut(problem)) {
      const { message, hint, path } = problem;
      const text = { message: `${message}; the route is left out with all its rules`, hint };
      findings.add(translationCode.routeLeftOut, { resource: route, path }, text);
      continue;
    }
    const fate = problem.isCopy === true ? 'no copy is sent' : 'its requests get 500';
    // What has become of no rule nobody else tells.
    if (leftOut !== null) reportMissingBackend(problem, { resource: route, fate }, findings);
    reportReference(problem, { resource: route, fate }, findings);
  }
}

interface MatchingRule {
  readonly rule: ActingRule;
  readonly matches: readonly HttpMatchRequest[];
}

/** What the API server fills in: one rule for every request, one match for every path. */
function matchingRules(route: RouteResource): MatchingRule[] {
  if (route.kind === 'GRPCRoute') {
    const { rules = [] } = route.spec;
    return rules.map((rule) => ({ rule, matches: (rule.matches ?? []).map(grpcMatch) }));
  }
  const { rules = [{}] } = route.spec;
  return rules.map((rule) => ({ rule, matches: matchesOf(rule).map(httpMatch) }));
}

const everyPath: HttpRouteMatch = {};

function matchesOf({ matches = [] }: HttpRouteRule): readonly HttpRouteMatch[] {
  return matches.length === 0 ? [everyPath] : matches;
}

interface NamedAction {
  readonly name: string;
  readonly action: RuleAction;
}

interface MatchesPlace {
  readonly route: RouteResource;
  readonly path: Path;
  readonly matches: readonly HttpMatchRequest[];
}

function rulesOf(
  { name, action }: NamedAction,
  { route, path, matches }: MatchesPlace,
): MadeRule[] {
  const spec = { name, ...action.spec };
  const uri = route.kind === 'GRPCRoute' ? 'method' : 'path';
  const placesOf = (match: MatchPlace | null) => new FieldPlaces(path, action.fields, match);
  if (matches.length === 0) return [{ spec, resource: route, places: placesOf(null) }];
  return matches.map((match, index) => ({
    spec: { ...spec, match: [match] },
    resource: route,
    places: placesOf({ path: [...path, 'matches', index], uri }),
  }));
}

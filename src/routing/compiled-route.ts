/** A route made ready for the request path: conditions compiled, sums made, empty lists null. */

import { unreachable } from '../base/assert.ts';
import type {
  DirectResponseAction,
  ForwardAction,
  RedirectAction,
  Route,
  RouteAction,
  WeightedCluster,
} from '../model/route.ts';
import type { HashPolicy } from '../model/route-policy.ts';
import { type CompiledHeaderMatch, compileHeaderMatch, headerMatches } from './header-match.ts';
import { type CompiledPathMatch, compilePathMatch, pathMatches } from './path-match.ts';
import { type CompiledQueryMatch, compileQueryMatch, queryMatches } from './query-match.ts';
import { type CompiledRegexRewrite, compileRegexRewrite } from './regex-rewrite.ts';
import type { RouteRequest } from './route-request.ts';
import { stickySeeds } from './sticky-choice.ts';
import { wireForward, wireRedirect } from './wire-action.ts';

export interface CompiledRoute {
  readonly route: Route;
  /** Place among the routes of its virtual host, from 0: the lowest that matches wins. */
  readonly position: number;
  readonly path: CompiledPathMatch;
  readonly headers: readonly CompiledHeaderMatch[] | null;
  readonly queryParameters: readonly CompiledQueryMatch[] | null;
  readonly action: CompiledAction;
}

export type CompiledAction = CompiledForward | CompiledRedirect | CompiledDirectResponse;

export interface CompiledForward {
  readonly kind: 'forward';
  /** Its texts are wire text (see base/wire-text.ts). */
  readonly action: ForwardAction;
  /** Never empty. */
  readonly clusters: readonly WeightedCluster[];
  readonly totalWeight: number;
  readonly regexRewrite: CompiledRegexRewrite | null;
  readonly hashPolicies: readonly HashPolicy[] | null;
  /** What tells the clusters apart in a sticky choice, one each; null: the choice is random. */
  readonly stickySeeds: readonly string[] | null;
}

export interface CompiledRedirect {
  readonly kind: 'redirect';
  /** Its texts are wire text. */
  readonly action: RedirectAction;
}

export interface CompiledDirectResponse {
  readonly kind: 'direct-response';
  readonly action: DirectResponseAction;
}

export function compileRoute(route: Route, position: number): CompiledRoute {
  const { path, headers, queryParameters } = route.match;
  return {
    route,
    position,
    path: compilePathMatch(path),
    headers: headers.length === 0 ? null : headers.map(compileHeaderMatch),
    queryParameters: queryParameters.length === 0 ? null : queryParameters.map(compileQueryMatch),
    action: compileAction(route.action),
  };
}

/** Whether every condition of the route holds. */
export function routeMatches(route: CompiledRoute, request: RouteRequest): boolean {
  if (!pathMatches(route.path, request.pathname)) return false;
  const { headers, queryParameters } = route;
  if (headers !== null) {
    for (const header of headers) if (!headerMatches(header, request)) return false;
  }
  if (queryParameters !== null) {
    for (const query of queryParameters) if (!queryMatches(query, request.query)) return false;
  }
  return true;
}

function compileAction(action: RouteAction): CompiledAction {
  switch (action.kind) {
    case 'forward':
      return compileForward(action);
    case 'redirect':
      return { kind: 'redirect', action: wireRedirect(action) };
    case 'direct-response':
      return { kind: 'direct-response', action };
    default:
      return unreachable(action);
  }
}

function compileForward(model: ForwardAction): CompiledForward {
  const action = wireForward(model);
  const { clusters, regexRewrite, hashPolicies } = action;
  return {
    kind: 'forward',
    action,
    clusters,
    totalWeight: clusters.reduce((sum, { weight }) => sum + weight, 0),
    regexRewrite: regexRewrite === null ? null : compileRegexRewrite(regexRewrite),
    hashPolicies: hashPolicies.length === 0 ? null : hashPolicies,
    stickySeeds: stickySeeds(action),
  };
}

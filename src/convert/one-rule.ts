/** Rules that do the same, as one: an Ingress with TLS redirects each of its paths by itself. */

import { isDeepStrictEqual } from '../base/node-util.ts';
import type { HttpMatchRequest, HttpRoute } from '../config/schema/virtual-service.ts';
import type { PlacedRule } from './made-hosts.ts';
import { reachableRules } from './reachable-rules.ts';

/** `rules` of one port; the last of them where all do what it does, and it is for every request. */
export function asOneRule(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  const last = rules.at(-1);
  if (last === undefined || !isForAll(last.spec)) return rules;
  const action = actionOf(last.spec);
  return rules.every(({ spec }) => isDeepStrictEqual(actionOf(spec), action)) ? [last] : rules;
}

/** Where all requests to `port` are redirected one way, one rule for them before all others. */
export function withOneRedirect(rules: readonly PlacedRule[], port: number): readonly PlacedRule[] {
  const [only, ...others] = asOneRule(reachableRules(rules, port));
  if (only === undefined || others.length > 0) return rules;
  if (only.spec.redirect === undefined || !isForAll(only.spec)) return rules;
  const isOnlyForPort = ({ spec: { match = [] } }: PlacedRule) =>
    match.length > 0 && match.every((one) => one.port === port);
  const rest = rules.filter((rule) => !isOnlyForPort(rule));
  if (rest.length === rules.length) return rules;
  return [{ ...only, spec: { ...only.spec, match: [{ port }] } }, ...rest];
}

/** Without those that get nothing, because one before them is for every request. */
export function upToAll(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  const last = rules.findIndex(({ spec }) => isForAll(spec));
  return last < 0 ? rules : rules.slice(0, last + 1);
}

function actionOf({ match: _, ...action }: HttpRoute): Omit<HttpRoute, 'match'> {
  return action;
}

function isForAll({ match = [] }: HttpRoute): boolean {
  return match.length === 0 || match.some(isAny);
}

function isAny({ uri = {}, ...others }: HttpMatchRequest): boolean {
  const isEvery = uri.exact === undefined && uri.regex === undefined;
  const prefix = uri.prefix ?? '/';
  const hasOthers = Object.values(others).some((value) => value !== undefined);
  return isEvery && (prefix === '' || prefix === '/') && !hasOthers;
}

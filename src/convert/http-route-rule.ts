/** A rule of a VirtualService as a rule of an HTTPRoute. */

import type { Path } from '../config/problem.ts';
import type { Resource } from '../config/resource.ts';
import type { Destination } from '../config/schema/destination.ts';
import type { DestinationRuleSpec } from '../config/schema/destination-rule.ts';
import type { HttpRouteRetry, HttpRouteRule } from '../config/schema/gateway-api/http-route.ts';
import type { SessionPersistence } from '../config/schema/gateway-api/session-persistence.ts';
import type { HttpRetry } from '../config/schema/http-retry.ts';
import type { HttpMatchRequest, HttpRoute } from '../config/schema/virtual-service.ts';
import type { ConversionLosses, LossText } from './conversion-losses.ts';
import { fixedRedirect, queryIsKept } from './fixed-redirect.ts';
import { type BackendReference, backendRefs, subsetUse } from './http-route-backends.ts';
import { httpRouteFilters } from './http-route-filters.ts';
import { httpRouteMatches, unknownMethods, unsayableConditions } from './http-route-match.ts';
import { type HttpRoutePath, httpRoutePaths } from './http-route-path.ts';
import { lenientField, methodField } from './leniency-for.ts';
import { lostExtension } from './lost-extension.ts';
import type { PlacedRule } from './made-hosts.ts';

export interface RuleContext {
  readonly destinationRules: readonly Resource<'DestinationRule', DestinationRuleSpec>[];
  readonly losses: ConversionLosses;
  referenceTo(destination: Destination): BackendReference;
}

/** None where it cannot be said which requests it is for, or what becomes of them. */
export function httpRouteRules(rule: PlacedRule, context: RuleContext): HttpRouteRule[] {
  const { path, resource } = rule;
  const { losses } = context;
  const redirect = fixedRedirect(rule.spec);
  const spec = redirect ?? rule.spec;
  const lose = (part: Path, text: LossText): void =>
    losses.add({ resource, path: [...path, ...part] }, text);
  const match = (spec.match ?? [{}]).filter((one, index) => {
    const names = unsayableConditions(one);
    if (names.length > 0) lose(['match', index], { what: `a rule with ${names.join(', ')}` });
    return names.length === 0;
  });
  if (match.length === 0) return [];
  for (const method of new Set(match.flatMap(unknownMethods))) {
    const what = `what is done with requests of the method ${method}`;
    const part = spec.retries === undefined ? ['match'] : ['retries'];
    lose(part, { what, fields: [methodField(method)] });
  }
  if (redirect !== null) lose(['directResponse'], queryIsKept);
  const what = unsayableAction(spec);
  if (what !== null) {
    lose([], { what, fields: ['action'] });
    return [];
  }
  lostExtension(spec, { resource, path, losses });
  const destinations = sending(spec, { ...context, lose });
  return conditionsAndFilters(spec, match, { ...context, lose }).flatMap((conditions) =>
    split({ ...conditions, ...destinations }),
  );
}

/** A rule that replaces a prefix must have one match. */
function split(rule: HttpRouteRule): HttpRouteRule[] {
  const { matches = [], filters = [] } = rule;
  const replaces = filters.some(
    ({ urlRewrite, requestRedirect }) =>
      (urlRewrite ?? requestRedirect)?.path?.type === 'ReplacePrefixMatch',
  );
  return replaces ? matches.map((match) => ({ ...rule, matches: [match] })) : [rule];
}

interface LosingContext extends RuleContext {
  lose(path: Path, text: LossText): void;
}

function unsayableAction({ directResponse, fault }: HttpRoute): string | null {
  if (directResponse !== undefined) return `the answer with ${directResponse.status}`;
  return fault === undefined ? null : 'a rule with faults';
}

type Conditions = Pick<HttpRouteRule, 'name' | 'matches' | 'filters'>;

/** Of a prefix that is replaced another filter tells than of a whole path. */
function conditionsAndFilters(
  spec: HttpRoute,
  match: readonly HttpMatchRequest[],
  context: LosingContext,
): Conditions[] {
  const paths = httpRoutePaths(match, spec);
  for (const { losses } of paths) for (const loss of losses) context.lose(['match'], loss);
  const replaces = (spec.rewrite?.uri ?? spec.redirect?.prefixRewrite) !== undefined;
  const groups = replaces ? [...Map.groupBy(paths, isPrefix).values()] : [paths];
  return groups.map((group) => conditionsOf(spec, group, context));
}

/** Of a path by a pattern all is replaced, of a prefix the prefix. */
function isPrefix({ match: { uri = {} }, pattern }: HttpRoutePath): boolean {
  return uri.exact === undefined && uri.regex === undefined && pattern === null;
}

function conditionsOf(
  spec: HttpRoute,
  paths: readonly HttpRoutePath[],
  context: LosingContext,
): Conditions {
  const { name } = spec;
  const filters = httpRouteFilters(spec, {
    prefixPattern: paths[0]?.pattern ?? null,
    isPrefix: paths.every(isPrefix),
    backendOf: (destination) => context.referenceTo(destination),
    lose: (path, text) => context.lose(path, text),
  });
  return {
    ...(name === undefined ? {} : { name }),
    matches: paths.flatMap((path) => httpRouteMatches(path.match)),
    ...(filters.length === 0 ? {} : { filters }),
  };
}

/** Where requests go, and how long they may take. */
function sending(spec: HttpRoute, context: LosingContext): Partial<HttpRouteRule> {
  const { timeout, retries, redirect } = spec;
  if (redirect !== undefined) return {};
  const tries = retries?.perTryTimeout;
  const timeouts = {
    ...(timeout === undefined ? {} : { request: timeout }),
    ...(tries === undefined ? {} : { backendRequest: tries }),
  };
  const session = sessionOf(spec, context);
  return {
    backendRefs: backendRefs(spec, (destination) => context.referenceTo(destination)),
    ...(Object.keys(timeouts).length === 0 ? {} : { timeouts }),
    ...(retries === undefined ? {} : { retry: retryOf(retries, context) }),
    ...(session === null ? {} : { sessionPersistence: session }),
  };
}

/** Of several destinations that of all of them. */
function sessionOf({ route = [] }: HttpRoute, context: LosingContext): SessionPersistence | null {
  const uses = route.map((destination) => subsetUse(destination, context.destinationRules));
  for (const [index, { lost }] of uses.entries()) {
    if (lost.length === 0) continue;
    const path = ['route', index, 'destination', 'subset'];
    const what = `the traffic policy of the destination (${lost.join(', ')})`;
    const hint = 'a DestinationRule of Istio, or a BackendTLSPolicy, may say it';
    context.lose(path, { what, hint, fields: [lenientField.subsets] });
  }
  return uses.find(({ session }) => session !== null)?.session ?? null;
}

/** Words of Envoy that always hold for an HTTPRoute, and statuses that stand for others. */
const ownConditions = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'];
const statusesOf: Readonly<Record<string, readonly number[]>> = {
  '5xx': [500, 502, 503, 504],
  'gateway-error': [502, 503, 504],
};

function retryOf(retries: HttpRetry, context: LosingContext): HttpRouteRetry {
  const { attempts = 0, retryOn = '', backoff } = retries;
  const words = retryOn.split(',').filter((word) => word !== '');
  const codes = words.flatMap(
    (word) => statusesOf[word] ?? (/^\d+$/.test(word) ? Number(word) : []),
  );
  const lost = words.filter(
    (word) => !/^\d+$/.test(word) && !ownConditions.includes(word) && !(word in statusesOf),
  );
  if (attempts > 0 && lost.length > 0) {
    const what = `that requests are tried again on ${lost.join(', ')}`;
    context.lose(['retries'], { what, fields: ['retries'] });
  }
  return {
    ...(codes.length === 0 ? {} : { codes: [...new Set(codes)] }),
    attempts,
    ...(backoff === undefined ? {} : { backoff }),
  };
}

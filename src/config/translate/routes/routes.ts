/** The `http` rules of a VirtualService as routes of one listener, in their order. */

import type { Route, RouteAction } from '../../../model/route.ts';
import type { RouteMatch } from '../../../model/route-match.ts';
import { originOf } from '../../resource.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import { settingOriginsOfRule } from '../rules/setting-origins.ts';
import type { BoundVirtualService, HttpRule } from '../rules/virtual-services.ts';
import { type FindingText, translationCode } from '../translation-findings.ts';
import { isFaultInAttempt } from './attempt-faults.ts';
import { translateRequestHeaders, translateResponseHeaders } from './header-mutations.ts';
import {
  type Forward,
  type RouteContext,
  translateDirectResponse,
  translateForward,
  translateRedirect,
} from './route-action.ts';
import { translateExtension } from './route-extension.ts';
import { holdsFor, isCatchAll, matchEverything, translateMatch } from './route-match.ts';
import { translateCors, translateFault } from './route-policies.ts';

/**
 * One route for each match that can hold on this listener. Nothing follows a route that takes
 * everything.
 */
export function translateRules(service: BoundVirtualService, context: RouteContext): Route[] {
  const routes: Route[] = [];
  for (const rule of service.rules) {
    for (const route of translateRule(rule, context)) {
      routes.push(route);
      if (isCatchAll(route.match)) return routes;
    }
  }
  return routes;
}

function* translateRule(rule: HttpRule, context: RouteContext): Generator<Route> {
  const matches = rule.spec.match ?? [];
  const isUnconditional = matches.length === 0;
  const held = matches.map((match) => holdsFor(match, context));
  if (!isUnconditional && !held.includes(true)) return;
  const action = translateAction(rule, context);
  if (action === null) return;
  const parts: RouteParts = {
    ...action,
    fault: translateFault(rule.spec.fault, isFaultInAttempt(rule)),
    toxics: context.scope.toxicPolicies.for(rule),
    settingOrigins: settingOriginsOfRule(rule),
    ...(action.action.kind === 'forward' ? translateExtension(rule.spec.extension, context) : {}),
  };
  if (isUnconditional) yield toRoute(rule, null, parts);
  for (const [index, match] of matches.entries()) {
    if (held[index] === true) yield toRoute(rule, { match, index }, parts);
  }
}

type Action = Omit<Forward, 'action'> & { readonly action: RouteAction };
type RouteParts = Action &
  Pick<Route, 'fault' | 'toxics' | 'settingOrigins' | 'admission' | 'customResponse'>;

interface MatchPlace {
  readonly match: HttpMatchRequest;
  readonly index: number;
}

function toRoute(rule: HttpRule, place: MatchPlace | null, parts: RouteParts): Route {
  const { spec, resource, path } = rule;
  const match: RouteMatch =
    place === null ? matchEverything : translateMatch(place.match, spec.extension);
  const matchName = place?.match.name ?? '';
  return {
    name: matchName === '' ? (spec.name ?? '') : `${spec.name ?? ''}.${matchName}`,
    match,
    ...parts,
    // Envoy's CORS filter acts on requests that are sent on, not on redirects and direct responses.
    cors: parts.action.kind === 'forward' ? translateCors(spec.corsPolicy) : null,
    origin: originOf(resource, place === null ? path : [...path, 'match', place.index]),
  };
}

/** null, with a finding, where there is nothing that can be done with a request. */
function translateAction(rule: HttpRule, context: RouteContext): Action | null {
  const { spec } = rule;
  const headers = {
    requestHeaders: translateRequestHeaders(spec.headers?.request).mutation,
    responseHeaders: translateResponseHeaders(spec.headers?.response),
  };
  if (spec.redirect !== undefined) {
    const action = translateRedirect(spec.redirect, spec.extension, context);
    if (action !== null) return { action, ...headers };
    return reportUseless(rule, context, {
      message: `redirectCode ${spec.redirect.redirectCode} cannot be served; the rule is left out`,
      hint: 'use 301, 302, 303, 307 or 308',
    });
  }
  if (spec.directResponse !== undefined) {
    return { action: translateDirectResponse(spec.directResponse), ...headers };
  }
  return (
    translateForward(rule, context) ??
    reportUseless(rule, context, {
      message: 'the rule has no destination that gets requests; it is left out',
    })
  );
}

function reportUseless(rule: HttpRule, context: RouteContext, text: FindingText): null {
  context.scope.findings.add(translationCode.ruleWithoutAction, rule, text);
  return null;
}

/** One HTTP rule: what may stand together, and its parts. */

import type { Path, Problems } from '../problem.ts';
import type { HttpRoute } from '../schema/virtual-service.ts';
import { checkCors } from './cors.ts';
import { checkDestination, checkWeights } from './destination.ts';
import { checkDirectResponse } from './direct-response.ts';
import { checkFault } from './fault.ts';
import { checkHeaderOperations, isAuthorityHeader } from './headers.ts';
import { checkHttpMatch } from './http-match.ts';
import { checkRedirect } from './redirect.ts';
import { checkRetries } from './retries.ts';
import { checkRewrite } from './rewrite.ts';
import { checkDuration, checkPercent } from './values.ts';

export interface HttpRouteContext {
  readonly path: Path;
  /** The VirtualService has no hosts. */
  readonly isDelegate: boolean;
}

export function checkHttpRoute(
  route: HttpRoute,
  { path, isDelegate }: HttpRouteContext,
  problems: Problems,
): void {
  if (route.delegate !== undefined && !isDelegate) checkDelegating(route, path, problems);
  else checkAction(route, { path, isDelegate }, problems);
  for (const [index, match] of (route.match ?? []).entries()) {
    checkHttpMatch(match, [...path, 'match', index], problems);
  }
  checkParts(route, path, problems);
  checkMirroring(route, path, problems);
  checkDestinations(route, path, problems);
  checkAuthority(route, path, problems);
}

function checkDelegating(route: HttpRoute, path: Path, problems: Problems): void {
  for (const field of ['route', 'redirect'] as const) {
    if (route[field] === undefined) continue;
    problems.invalid([...path, field], `a rule that delegates cannot have "${field}"`);
  }
}

function checkAction(
  route: HttpRoute,
  { path, isDelegate }: HttpRouteContext,
  problems: Problems,
): void {
  const delegates = route.delegate !== undefined;
  if (isDelegate && delegates) {
    problems.invalid([...path, 'delegate'], 'a delegate cannot delegate in turn');
  }
  const hasRoute = (route.route ?? []).length > 0;
  const action =
    route.redirect !== undefined
      ? 'redirect'
      : route.directResponse !== undefined
        ? 'directResponse'
        : null;
  if (action === null) {
    if (hasRoute || delegates) return;
    const hint = 'add "route", or "redirect", "directResponse" or "delegate"';
    problems.invalid(path, 'the rule does not say where requests go', hint);
    return;
  }
  const others = {
    route: hasRoute,
    fault: route.fault !== undefined,
    rewrite: route.rewrite !== undefined,
    directResponse: action === 'redirect' && route.directResponse !== undefined,
  };
  for (const [field, isSet] of Object.entries(others)) {
    if (!isSet) continue;
    problems.invalid([...path, field], `a rule cannot have both "${action}" and "${field}"`);
  }
}

function checkParts(route: HttpRoute, path: Path, problems: Problems): void {
  checkHeaderOperations(route.headers, [...path, 'headers'], problems);
  const { corsPolicy, fault, redirect, directResponse, retries, rewrite } = route;
  if (corsPolicy !== undefined) checkCors(corsPolicy, [...path, 'corsPolicy'], problems);
  if (fault !== undefined) checkFault(fault, [...path, 'fault'], problems);
  if (redirect !== undefined) {
    checkRedirect(redirect, route, { path: [...path, 'redirect'], problems });
  }
  if (directResponse !== undefined) {
    checkDirectResponse(directResponse, [...path, 'directResponse'], problems);
  }
  if (retries !== undefined) checkRetries(retries, [...path, 'retries'], problems);
  if (rewrite !== undefined) checkRewrite(rewrite, [...path, 'rewrite'], problems);
  checkDuration(route.timeout, [...path, 'timeout'], problems);
}

function checkMirroring(route: HttpRoute, path: Path, problems: Problems): void {
  const { mirror, mirrors = [], mirrorPercent, mirrorPercentage } = route;
  if (mirror !== undefined && mirrors.length > 0) {
    problems.invalid([...path, 'mirrors'], 'a rule cannot have both "mirror" and "mirrors"');
  }
  checkDestination(mirror, [...path, 'mirror'], problems);
  for (const [index, { destination, percentage }] of mirrors.entries()) {
    const place = [...path, 'mirrors', index];
    checkDestination(destination, [...place, 'destination'], problems);
    checkPercent(percentage?.value, [...place, 'percentage', 'value'], problems);
  }
  checkPercent(mirrorPercent, [...path, 'mirrorPercent'], problems);
  checkPercent(mirrorPercentage?.value, [...path, 'mirrorPercentage', 'value'], problems);
}

function checkDestinations(route: HttpRoute, path: Path, problems: Problems): void {
  const routes = route.route ?? [];
  for (const [index, { destination, headers }] of routes.entries()) {
    const place = [...path, 'route', index];
    checkDestination(destination, [...place, 'destination'], problems);
    checkHeaderOperations(headers, [...place, 'headers'], problems);
  }
  checkWeights(routes, [...path, 'route'], problems);
}

/** The authority can be changed in one place of a rule only. */
function checkAuthority(route: HttpRoute, path: Path, problems: Problems): void {
  let current = route.rewrite?.authority ?? '';
  for (const verb of ['set', 'add'] as const) {
    for (const [name, value] of Object.entries(route.headers?.request?.[verb] ?? {})) {
      if (!isAuthorityHeader(name)) continue;
      if (current !== '') {
        const message = `the authority is set to "${current}", it cannot also be "${value}"`;
        problems.invalid([...path, 'headers', 'request', verb, name], message);
        return;
      }
      current = value;
    }
  }
}

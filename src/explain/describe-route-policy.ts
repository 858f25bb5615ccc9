/** The settings of a route in words, each with the place where it is said. */

import type { HeaderMutation } from '../model/header-mutation.ts';
import type { RetryPolicy } from '../model/retry-policy.ts';
import type { ForwardAction, Route } from '../model/route.ts';
import type { StringMatch } from '../model/route-match.ts';
import type { CorsPolicy, FaultPolicy } from '../model/route-policy.ts';
import type { Toxic } from '../model/toxic.ts';
import { describeAdmission } from './describe-admission.ts';
import { describeDuration } from './describe-duration.ts';
import { describeOrigin } from './describe-origin.ts';
import { describeRoute } from './describe-route.ts';
import type { PolicyValue } from './explained-target.ts';
import { PolicyWriter } from './policy-value.ts';

export function describeRoutePolicy(route: Route): PolicyValue[] {
  const writer = new PolicyWriter(route.settingOrigins);
  const { action, fault, cors, requestHeaders, responseHeaders, toxics } = route;
  const values = [
    ...(action.kind === 'forward' ? describeForward(action, writer) : []),
    writer.value('fault', fault === null ? 'none' : describeFault(fault)),
    ...(action.kind === 'forward'
      ? [writer.value('corsPolicy', cors === null ? 'none' : describeCors(cors))]
      : []),
    writer.value('request headers', describeMutation(requestHeaders), headerFields(requestHeaders)),
    writer.value(
      'response headers',
      describeMutation(responseHeaders),
      headerFields(responseHeaders),
    ),
    rewriteOf(route, writer),
  ];
  values.push(...describeAdmission(route, writer));
  return [...values, ...(toxics ?? []).map((toxic) => describeToxic(toxic, writer))];
}

function describeForward(action: ForwardAction, writer: PolicyWriter): PolicyValue[] {
  const { timeoutMs, idleTimeoutMs, sendTimeoutMs, retryPolicy, mirrors } = action;
  const copies = mirrors.map(({ cluster, percentage }) => `${share(percentage)} to ${cluster}`);
  return [
    writer.value('timeout', timeoutMs === 0 ? 'none' : describeDuration(timeoutMs)),
    ...(idleTimeoutMs === undefined
      ? []
      : [writer.value('idle timeout', describeDuration(idleTimeoutMs), ['idleTimeoutMs'])]),
    ...(sendTimeoutMs === undefined
      ? []
      : [writer.value('send timeout', describeDuration(sendTimeoutMs), ['sendTimeoutMs'])]),
    writer.value('retries', describeRetries(retryPolicy)),
    writer.value('mirror', copies.length === 0 ? 'none' : copies.join(', '), ['mirror', 'mirrors']),
  ];
}

/** Headers may come from the rule or from its only destination. */
function headerFields(mutation: HeaderMutation | null): readonly string[] {
  return mutation === null ? [] : ['headers', 'route'];
}

function rewriteOf(route: Route, writer: PolicyWriter): PolicyValue {
  const { rewrite } = describeRoute(route, 0);
  if (rewrite === null) return writer.value('rewrite', 'none', []);
  return writer.value('rewrite', rewrite, ['rewrite', 'redirect', 'headers', 'route']);
}

function describeRetries(policy: RetryPolicy | null): string {
  if (policy === null || policy.numRetries === 0) return 'none';
  const { numRetries, retryOn, retriableStatusCodes, perTryTimeoutMs, backoffBaseMs } = policy;
  const perTry =
    perTryTimeoutMs === 0 ? '' : `, each try at most ${describeDuration(perTryTimeoutMs)}`;
  const conditions = [...retryOn, ...retriableStatusCodes].join(', ');
  return `up to ${numRetries}${perTry}, back-off from ${describeDuration(backoffBaseMs)}, on ${conditions}`;
}

function describeFault({ delay, abort, inAttempt }: FaultPolicy): string {
  const parts: string[] = [];
  if (delay !== null) {
    parts.push(`delay of ${describeDuration(delay.fixedDelayMs)} for ${share(delay.percentage)}`);
  }
  if (abort !== null) {
    const status =
      abort.httpStatus === null ? `grpc-status ${abort.grpcStatus}` : String(abort.httpStatus);
    parts.push(`abort with ${status} for ${share(abort.percentage)}`);
  }
  return parts.join(', ') + (inAttempt ? ', drawn for each try' : '');
}

function describeCors(cors: CorsPolicy): string {
  const origins = cors.allowOrigins.map(describeMatch).join(' or ') || 'none';
  const methods = cors.allowMethods === null ? '' : `, methods ${cors.allowMethods}`;
  return `origins ${origins}${methods}${cors.allowCredentials ? ', with credentials' : ''}`;
}

function describeMatch(match: StringMatch): string {
  return match.kind === 'present' ? 'of all' : `${match.kind} "${match.value}"`;
}

/** As a route and a weighted cluster have them. */
export function describeMutation(mutation: HeaderMutation | null): string {
  if (mutation === null) return 'unchanged';
  const parts = [
    ...mutation.remove.map((name) => `remove ${name}`),
    ...mutation.set.map(({ name, value }) => `set ${name}: ${value}`),
    ...mutation.add.map(({ name, value }) => `add ${name}: ${value}`),
  ];
  return parts.length === 0 ? 'unchanged' : parts.join(', ');
}

function describeToxic({ percentage, effects, headers, origin }: Toxic, writer: PolicyWriter) {
  const kinds = effects.map(({ kind }) => kind).join(', ');
  const who = headers.length === 0 ? '' : ' with some headers';
  const value = `${kinds} for ${share(percentage)}${who}`;
  return writer.said('toxic', value, describeOrigin(origin));
}

/** Of requests. */
function share(partsPerMillion: number): string {
  return `${partsPerMillion / 10_000} %`;
}

/** What an HTTP rule does with a request: forward, redirect or answer. */

import { parseDuration } from '../../../base/duration.ts';
import type { HeaderMutation } from '../../../model/header-mutation.ts';
import type {
  DirectResponseAction,
  ForwardAction,
  RedirectAction,
  WeightedCluster,
} from '../../../model/route.ts';
import type { HashPolicy } from '../../../model/route-policy.ts';
import type { Destination } from '../../schema/destination.ts';
import type { RouteExtension } from '../../schema/route-extension.ts';
import type {
  HttpDirectResponse,
  HttpRedirect,
  HttpRoute,
  HttpRouteDestination,
} from '../../schema/virtual-service.ts';
import { clusterName } from '../clusters/clusters.ts';
import type { HttpRule } from '../rules/virtual-services.ts';
import { findService, type Scope } from '../scope.ts';
import { hashPolicyOfDestination } from './hash-policies.ts';
import {
  joinMutations,
  translateRequestHeaders,
  translateResponseHeaders,
} from './header-mutations.ts';
import { defaultRetryPolicy, translateRetries } from './retry-policy.ts';
import type { MatchContext } from './route-match.ts';
import { translateMirrors } from './route-policies.ts';
import { hasStickyWeights, withoutRepeats } from './sticky-weights.ts';

export interface RouteContext extends MatchContext {
  readonly scope: Scope;
  /**
   * `sidecar`: a destination without a port has the listener's; `gateway`: the service's only one.
   */
  readonly role: 'sidecar' | 'gateway';
  readonly isTls: boolean;
}

/** A forward with the header changes that its only destination asks for. */
export interface Forward {
  readonly action: ForwardAction;
  readonly requestHeaders: HeaderMutation | null;
  readonly responseHeaders: HeaderMutation | null;
}

/** null where the rule names no destination that gets any request. */
export function translateForward(from: HttpRule, context: RouteContext): Forward | null {
  const rule = from.spec;
  const destinations = rule.route ?? [];
  const [only] = destinations;
  if (only === undefined) return null;
  const own = translateRequestHeaders(rule.headers?.request);
  const ownResponse = translateResponseHeaders(rule.headers?.response);
  const authority = nonEmpty(rule.rewrite?.authority) ?? own.authority;
  if (destinations.length > 1) {
    const clusters = destinations
      .filter(({ weight = 0 }) => weight > 0)
      .map((entry) => weightedCluster(entry, context));
    if (clusters.length === 0) return null;
    const sticky = hasStickyWeights(from) || rule.extension?.stickyWeights === true;
    return {
      action: forwardAction(rule, { context, clusters, authority, sticky }),
      requestHeaders: own.mutation,
      responseHeaders: ownResponse,
    };
  }
  // A single destination is no choice: its headers join the rule's, and its weight is ignored.
  const cluster = weightedCluster(only, context);
  return {
    action: forwardAction(rule, {
      context,
      clusters: [
        { ...cluster, weight: 1, requestHeaders: null, responseHeaders: null, hostRewrite: null },
      ],
      authority: authority ?? cluster.hostRewrite,
      sticky: false,
    }),
    requestHeaders: joinMutations(own.mutation, cluster.requestHeaders),
    responseHeaders: joinMutations(ownResponse, cluster.responseHeaders),
  };
}

interface ForwardParts {
  readonly context: RouteContext;
  readonly clusters: readonly WeightedCluster[];
  readonly authority: string | null;
  readonly sticky: boolean;
}

function forwardAction(rule: HttpRoute, parts: ForwardParts): ForwardAction {
  const { context, clusters, authority, sticky } = parts;
  const { extension } = rule;
  const hashPolicies = extension?.hashPolicies ?? hashPoliciesOf(rule.route ?? [], context.scope);
  const isHashed = rule.route?.length === 1 && hashPolicies.length > 0;
  const regex = rule.rewrite?.uriRegexRewrite;
  return {
    kind: 'forward',
    clusters,
    prefixRewrite: regex === undefined ? prefixRewriteOf(rule) : null,
    regexRewrite:
      regex === undefined
        ? null
        : { pattern: regex.match ?? '', substitution: regex.rewrite ?? '' },
    hostRewrite: authority,
    timeoutMs: Math.max(0, parseDuration(rule.timeout ?? '0s') ?? 0),
    ...(extension?.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: extension.idleTimeoutMs }),
    ...(extension?.sendTimeoutMs === undefined ? {} : { sendTimeoutMs: extension.sendTimeoutMs }),
    retryPolicy: retryPolicyOf(rule, context.scope, isHashed),
    hashPolicies: sticky ? withoutRepeats(hashPolicies) : hashPolicies,
    stickyWeights: sticky && hashPolicies.length > 0,
    mirrors: translateMirrors(rule, (destination) => destinationCluster(destination, context)),
    clusterNotFoundStatus: extension?.semantics === 'gateway-api' ? 500 : 503,
  };
}

/** The Gateway API takes a prefix that becomes `/` away, without a double slash in its place. */
function prefixRewriteOf({ rewrite, extension }: HttpRoute): string | null {
  const uri = nonEmpty(rewrite?.uri);
  return uri === '/' && extension?.semantics === 'gateway-api' ? '' : uri;
}

function retryPolicyOf(rule: HttpRoute, scope: Scope, isHashed: boolean) {
  if (rule.retries !== undefined) return translateRetries(rule.retries, !isHashed);
  const policy = scope.settings.mesh.defaultHttpRetryPolicy ?? defaultRetryPolicy;
  // A policy of the mesh may insist on endpoints that were not tried yet.
  const insists = scope.settings.mesh.retriesIgnorePreviousHosts;
  return isHashed && !insists ? { ...policy, avoidPreviousHosts: false } : policy;
}

function hashPoliciesOf(destinations: readonly HttpRouteDestination[], scope: Scope): HashPolicy[] {
  return destinations.flatMap(({ destination, weight = 0 }) => {
    const service = findService(scope, destination.host);
    // A destination that gets no request has no part in the choice either.
    if (service === null || (destinations.length > 1 && weight === 0)) return [];
    const rule = scope.destinationRules.for(service);
    return hashPolicyOfDestination(rule, destination) ?? [];
  });
}

function weightedCluster(entry: HttpRouteDestination, context: RouteContext): WeightedCluster {
  const request = translateRequestHeaders(entry.headers?.request);
  return {
    cluster: destinationCluster(entry.destination, context),
    weight: entry.weight ?? 0,
    requestHeaders: request.mutation,
    responseHeaders: translateResponseHeaders(entry.headers?.response),
    hostRewrite: request.authority,
  };
}

/** A cluster has a name also where it does not exist: the answer is then 503 NC. */
export function destinationCluster(
  destination: Destination,
  context: Pick<RouteContext, 'scope' | 'role' | 'listenerPort'>,
): string {
  // As in Istio, of a reference of the Gateway API that leads nowhere.
  if (destination.host === '') return 'UnknownService';
  const service = findService(context.scope, destination.host);
  const host = service?.host ?? destination.host;
  const named = destination.port?.number ?? 0;
  const [onlyPort] = service?.ports.length === 1 ? service.ports : [];
  const implied =
    context.role === 'gateway' ? (onlyPort?.number ?? context.listenerPort) : context.listenerPort;
  return clusterName(host, named === 0 ? implied : named, destination.subset);
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** null where Envoy would refuse the status. */
export function translateRedirect(
  redirect: HttpRedirect,
  extension: RouteExtension | undefined,
  context: RouteContext,
): RedirectAction | null {
  const status = redirectStatus(redirect.redirectCode ?? 0);
  if (status === null) return null;
  const scheme = nonEmpty(redirect.scheme);
  const given = redirect.derivePort === 'FROM_REQUEST_PORT' ? context.listenerPort : redirect.port;
  const isDefault = given === defaultPorts[scheme ?? (context.isTls ? 'https' : 'http')];
  return {
    kind: 'redirect',
    status,
    scheme,
    host: nonEmpty(redirect.authority),
    port: given === undefined || given === 0 || isDefault ? null : given,
    // nginx goes to the port that clients find without one: that of the request was another scheme's.
    ...(scheme !== null && extension?.semantics === 'ingress' ? { dropsPort: true } : {}),
    path: nonEmpty(redirect.uri),
    prefixRewrite: nonEmpty(redirect.prefixRewrite),
  };
}

function redirectStatus(code: number): RedirectAction['status'] | null {
  switch (code) {
    case 0:
      return 301;
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return code;
    default:
      return null;
  }
}

export function translateDirectResponse(response: HttpDirectResponse): DirectResponseAction {
  const { string, bytes } = response.body ?? {};
  let body: DirectResponseAction['body'] = null;
  if (string !== undefined) body = { encoding: 'utf8', data: string };
  else if (bytes !== undefined) body = { encoding: 'base64', data: bytes };
  return { kind: 'direct-response', status: response.status, body };
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

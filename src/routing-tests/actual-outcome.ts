/** What a configuration does with a request, in the words in which tests expect it. */

import type { HttpFaultInjection } from '../config/schema/http-fault.ts';
import type { HttpRetry } from '../config/schema/http-retry.ts';
import type { HeaderOperations, Headers, HttpRewrite } from '../config/schema/virtual-service.ts';
import type { Walk } from '../explain/walk-request.ts';
import { grpcStatusNames } from '../model/grpc-status-names.ts';
import type { HeaderMutation } from '../model/header-mutation.ts';
import type { RetryPolicy } from '../model/retry-policy.ts';
import type { ForwardAction, RedirectAction, Route, RouteAction } from '../model/route.ts';
import type { FaultPolicy } from '../model/route-policy.ts';
import { destinationOf } from './destination.ts';
import type { Expectation } from './schema.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `isDelegate`: whether a VirtualService, as `namespace/name`, is included by others. */
export function actualOf(walk: Walk, isDelegate: (name: string) => boolean): Expectation {
  const route = walk.route?.route ?? null;
  if (route === null) return {};
  const actual: Mutable<Expectation> = { ...actionOf(route), routeName: route.name };
  const headers = headersOf(route.requestHeaders, route.responseHeaders);
  if (headers !== undefined) actual.headers = headers;
  const fault = faultOf(route.fault);
  if (fault !== undefined) actual.fault = fault;
  const { kind, namespace, name } = route.origin;
  if (kind !== 'VirtualService') return actual;
  actual.virtualService = `${namespace}/${name}`;
  if (isDelegate(actual.virtualService)) actual.delegate = { namespace, name };
  return actual;
}

function actionOf({ action, requestHeaders, responseHeaders }: Route): Expectation {
  switch (action.kind) {
    case 'redirect':
      return { redirect: redirectOf(action) };
    case 'direct-response':
      return { directResponse: directResponseOf(action) };
    case 'forward':
      return forwardOf(action, headersOf(requestHeaders, responseHeaders));
  }
}

function redirectOf({ path, host, scheme, port, prefixRewrite, status }: RedirectAction) {
  return {
    redirectCode: status,
    ...(path === null ? {} : { uri: path }),
    ...(host === null ? {} : { authority: host }),
    ...(scheme === null ? {} : { scheme }),
    ...(port === null ? {} : { port }),
    ...(prefixRewrite === null ? {} : { prefixRewrite }),
  };
}

function directResponseOf(action: Extract<RouteAction, { kind: 'direct-response' }>) {
  const { status, body } = action;
  if (body === null) return { status };
  const { data } = body;
  return { status, body: body.encoding === 'utf8' ? { string: data } : { bytes: data } };
}

function forwardOf(action: ForwardAction, ofRoute: Headers | undefined): Expectation {
  const total = action.clusters.reduce((sum, { weight }) => sum + weight, 0);
  const [only, ...others] = action.clusters;
  const actual: Mutable<Expectation> = {
    route: action.clusters.map((cluster) => {
      // A single destination's headers have joined those of the rule.
      const own = headersOf(cluster.requestHeaders, cluster.responseHeaders);
      const headers = others.length === 0 ? ofRoute : own;
      const { weight } = cluster;
      return {
        destination: destinationOf(cluster.cluster),
        weight: (100 * weight) / total,
        ...(headers === undefined ? {} : { headers }),
      };
    }),
    timeout: durationText(action.timeoutMs),
    retries: retriesOf(action.retryPolicy),
    mirrors: action.mirrors.map(({ cluster, percentage }) => ({
      destination: destinationOf(cluster),
      percentage: { value: percentage / 10_000 },
    })),
  };
  const rewrite = rewriteOf(action, others.length === 0 ? (only?.hostRewrite ?? null) : null);
  if (rewrite !== undefined) actual.rewrite = rewrite;
  return actual;
}

function rewriteOf(action: ForwardAction, ofCluster: string | null): HttpRewrite | undefined {
  const rewrite: HttpRewrite = {};
  const authority = action.hostRewrite ?? ofCluster;
  // Empty is how the model takes a prefix away, which is `/` in the user's words.
  if (action.prefixRewrite !== null) rewrite.uri = action.prefixRewrite || '/';
  if (authority !== null) rewrite.authority = authority;
  if (action.regexRewrite !== null) {
    const { pattern: match, substitution } = action.regexRewrite;
    rewrite.uriRegexRewrite = { match, rewrite: substitution };
  }
  return Object.keys(rewrite).length === 0 ? undefined : rewrite;
}

function retriesOf(policy: RetryPolicy | null): HttpRetry {
  if (policy === null) return { attempts: 0 };
  return {
    attempts: policy.numRetries,
    perTryTimeout: durationText(policy.perTryTimeoutMs),
    retryOn: [...policy.retryOn, ...policy.retriableStatusCodes].join(','),
    backoff: durationText(policy.backoffBaseMs),
    retryRemoteLocalities: policy.previousPrioritiesUpdateFrequency > 0,
    retryIgnorePreviousHosts: policy.avoidPreviousHosts,
  };
}

function faultOf(policy: FaultPolicy | null): HttpFaultInjection | undefined {
  if (policy === null) return undefined;
  const { delay, abort } = policy;
  const fault: HttpFaultInjection = {};
  if (delay !== null) {
    const value = delay.percentage / 10_000;
    fault.delay = {
      fixedDelay: durationText(delay.fixedDelayMs),
      percentage: { value },
      percent: value,
    };
  }
  if (abort !== null) {
    const { httpStatus, grpcStatus, percentage } = abort;
    const status = httpStatus === null ? {} : { httpStatus };
    const grpc = grpcStatus === null ? {} : { grpcStatus: grpcStatusNames[grpcStatus] ?? '' };
    fault.abort = { ...status, ...grpc, percentage: { value: percentage / 10_000 } };
  }
  return fault;
}

function headersOf(
  request: HeaderMutation | null,
  response: HeaderMutation | null,
): Headers | undefined {
  if (request === null && response === null) return undefined;
  return {
    ...(request === null ? {} : { request: operationsOf(request) }),
    ...(response === null ? {} : { response: operationsOf(response) }),
  };
}

function operationsOf({ set, add, remove }: HeaderMutation): HeaderOperations {
  const entries = (values: HeaderMutation['set']) =>
    Object.fromEntries(values.map(({ name, value }) => [name, value]));
  return { set: entries(set), add: entries(add), remove: [...remove] };
}

/** In the unit that people would write. */
function durationText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

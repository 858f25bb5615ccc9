/** What a route that forwards makes of a request, before the first attempt. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { ForwardAction, WeightedCluster } from '../../model/route.ts';
import type { CompiledForward, CompiledRoute } from '../../routing/compiled-route.ts';
import { rewritePath } from '../../routing/path-rewrite.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { ForwardedFacts } from '../headers/request-headers.ts';
import { takeRetryPolicy } from '../retry/request-retry-policy.ts';
import type { CompiledRetryPolicy } from '../retry/retry.ts';
import {
  expectedTimeoutMs,
  removeTimeoutFields,
  requestTimeoutMs,
  setExpectedTimeout,
  takeTimeoutMs,
} from '../timeouts/request-timeout.ts';
import type { RouteRuntime, WeightedClusterRuntime } from './route-runtime.ts';

/** The proxy's stream, and the request of an explanation, which goes nowhere. */
export interface RoutedRequest {
  readonly headers: HeaderList;
  readonly runtime: RouteRuntime | null;
  readonly facts: ForwardedFacts;
  readonly settings: HttpSettings;
  readonly authority: string;
  readonly path: string;
  readonly cluster: LiveCluster | null;
  readonly info: StreamInfo;
  clusterRuntime: WeightedClusterRuntime | null;
  retryPolicy: CompiledRetryPolicy | null;
  upstreamPath: string;
  timeoutMs: number;
  timeoutStatus: number;
}

/** Everything that the route changes in the request, once for all attempts. */
export function applyRoute(
  stream: RoutedRequest,
  route: CompiledRoute,
  chosen: WeightedCluster,
): void {
  const { headers, runtime } = stream;
  const action = (route.action as CompiledForward).action;
  const { isInternal } = stream.facts;
  const perTryMs = setTimeouts(stream, action, isInternal);
  if (stream.settings.attemptCountHeader) headers.set('x-envoy-attempt-count', '1');
  const clusterRuntime = runtime?.clusters?.get(chosen) ?? null;
  stream.clusterRuntime = clusterRuntime;
  // Formatted values may ask for it.
  if (stream.cluster !== null) stream.info.attempts = 1;
  clusterRuntime?.requestHeaders?.apply(headers, stream.info);
  runtime?.requestHeaders?.apply(headers, stream.info);
  const isSteered =
    isInternal ||
    runtime?.requestHeaders?.steersRetries === true ||
    clusterRuntime?.requestHeaders?.steersRetries === true;
  stream.retryPolicy = isSteered
    ? takeRetryPolicy(headers, action.retryPolicy, perTryMs)
    : (runtime?.retryPolicy ?? null);
  // What goes nowhere is not rewritten.
  if (stream.cluster === null) return;
  rewriteHost(stream, action.hostRewrite, chosen.hostRewrite);
  if (action.prefixRewrite !== null || action.regexRewrite !== null) {
    headers.set('x-envoy-original-path', stream.path);
    stream.upstreamPath = rewritePath(route, stream.path);
    stream.info.originalPath = stream.path;
    stream.info.path = stream.upstreamPath;
  }
}

/** A weighted cluster writes its host first, and only the route remembers which one was there. */
function rewriteHost(
  stream: RoutedRequest,
  ofRoute: string | null,
  ofCluster: string | null,
): void {
  const { headers } = stream;
  let host = ofCluster ?? stream.authority;
  if (ofRoute !== null && ofRoute !== host) {
    headers.set('x-envoy-original-host', host);
    host = ofRoute;
  }
  if (host === stream.authority) return;
  headers.set('host', host);
  stream.info.authority = host;
}

/** For the request, and what is returned for each try: the route's word, or an internal client's. */
function setTimeouts(stream: RoutedRequest, action: ForwardAction, isInternal: boolean): number {
  const { headers } = stream;
  let timeoutMs = requestTimeoutMs(action.timeoutMs, headers);
  let perTryMs = action.retryPolicy?.perTryTimeoutMs ?? 0;
  if (isInternal) {
    timeoutMs = takeTimeoutMs(headers, 'x-envoy-upstream-rq-timeout-ms', timeoutMs);
    perTryMs = takeTimeoutMs(headers, 'x-envoy-upstream-rq-per-try-timeout-ms', perTryMs);
    if (perTryMs >= timeoutMs && timeoutMs > 0) perTryMs = 0;
    if (headers.has('x-envoy-upstream-rq-timeout-alt-response')) stream.timeoutStatus = 204;
    removeTimeoutFields(headers);
  }
  stream.timeoutMs = timeoutMs;
  setExpectedTimeout(headers, expectedTimeoutMs(timeoutMs, perTryMs));
  return perTryMs;
}

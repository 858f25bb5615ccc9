/** What the proxy makes ready for each route when a snapshot is built. */

import type { ForwardAction, Route, RouteAction, WeightedCluster } from '../../model/route.ts';
import { AdmissionFilter } from '../admission/admission-filter.ts';
import type { LimitZones } from '../admission/limit-zones.ts';
import { type CorsFilter, createCorsFilter } from '../filters/cors.ts';
import { CustomResponse, type PageTimes } from '../filters/custom-response.ts';
import { createFaultFilter, type FaultFilter } from '../filters/fault.ts';
import { type CompiledHeaderMutation, compileHeaderMutation } from '../filters/header-mutation.ts';
import { CompiledRetryPolicy } from '../retry/retry.ts';
import { ToxicFilter } from '../toxics/toxic-filter.ts';

export interface WeightedClusterRuntime {
  readonly requestHeaders: CompiledHeaderMutation | null;
  readonly responseHeaders: CompiledHeaderMutation | null;
}

export interface RouteRuntime {
  readonly requestHeaders: CompiledHeaderMutation | null;
  readonly responseHeaders: CompiledHeaderMutation | null;
  /** Drawn once, before the request is routed. */
  readonly fault: FaultFilter | null;
  /** Drawn for each attempt. */
  readonly attemptFault: FaultFilter | null;
  readonly cors: CorsFilter | null;
  readonly toxics: ToxicFilter | null;
  /** null: whoever asks is served. */
  readonly admission: AdmissionFilter | null;
  /** null: responses are the client's, whatever they are. */
  readonly customResponse: CustomResponse | null;
  readonly retryPolicy: CompiledRetryPolicy | null;
  /** 0 is no limit. */
  readonly idleTimeoutMs: number;
  /** 0 is no limit. */
  readonly sendTimeoutMs: number;
  /** null where no cluster of the route has operations of its own. */
  readonly clusters: ReadonlyMap<WeightedCluster, WeightedClusterRuntime> | null;
  /** Bytes of a direct response, as latin-1 text; empty for other actions. */
  readonly directBody: string;
}

/** `zones`: null where requests are not counted, for nobody is served. */
export function createRouteRuntime(route: Route, zones: LimitZones | null): RouteRuntime {
  const { action, toxics, admission, customResponse } = route;
  const fault = route.fault === null ? null : createFaultFilter(route.fault);
  // Only a route that forwards makes attempts.
  const inAttempt = route.fault?.inAttempt === true && action.kind === 'forward';
  return {
    requestHeaders: compileHeaderMutation(route.requestHeaders, 'request'),
    responseHeaders: compileHeaderMutation(route.responseHeaders, 'response'),
    fault: inAttempt ? null : fault,
    attemptFault: inAttempt ? fault : null,
    cors: route.cors === null ? null : createCorsFilter(route.cors),
    toxics: toxics === null ? null : new ToxicFilter(toxics),
    admission:
      admission === undefined || zones === null ? null : new AdmissionFilter(admission, zones),
    customResponse:
      customResponse === undefined ? null : new CustomResponse(customResponse, timesOf(action)),
    retryPolicy: action.kind === 'forward' ? compileRetries(action) : null,
    idleTimeoutMs: timesOf(action).idleTimeoutMs,
    sendTimeoutMs: action.kind === 'forward' ? (action.sendTimeoutMs ?? 0) : 0,
    clusters: action.kind === 'forward' ? compileClusters(action.clusters) : null,
    directBody: action.kind === 'direct-response' ? bodyText(action.body) : '',
  };
}

function timesOf(action: RouteAction): PageTimes {
  if (action.kind !== 'forward') return { timeoutMs: 0, idleTimeoutMs: 0 };
  return { timeoutMs: action.timeoutMs, idleTimeoutMs: action.idleTimeoutMs ?? 0 };
}

function compileRetries({ retryPolicy, timeoutMs }: ForwardAction): CompiledRetryPolicy | null {
  if (retryPolicy === null || retryPolicy.numRetries === 0) return null;
  // As in Envoy a try cannot be given more than the request has: such a limit is none.
  const isIdle = timeoutMs > 0 && retryPolicy.perTryTimeoutMs >= timeoutMs;
  return new CompiledRetryPolicy(isIdle ? { ...retryPolicy, perTryTimeoutMs: 0 } : retryPolicy);
}

function compileClusters(
  clusters: readonly WeightedCluster[],
): ReadonlyMap<WeightedCluster, WeightedClusterRuntime> | null {
  const compiled = new Map<WeightedCluster, WeightedClusterRuntime>();
  for (const cluster of clusters) {
    const requestHeaders = compileHeaderMutation(cluster.requestHeaders, 'request');
    const responseHeaders = compileHeaderMutation(cluster.responseHeaders, 'response');
    if (requestHeaders === null && responseHeaders === null) continue;
    compiled.set(cluster, { requestHeaders, responseHeaders });
  }
  return compiled.size === 0 ? null : compiled;
}

function bodyText(body: { encoding: 'utf8' | 'base64'; data: string } | null): string {
  return body === null ? '' : Buffer.from(body.data, body.encoding).toString('latin1');
}

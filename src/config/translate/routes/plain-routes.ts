/**
 * Routes that no VirtualService wrote: those of services without one, and those for unknown hosts.
 */

import { builtInOrigin, type Origin } from '../../../model/origin.ts';
import type { RetryPolicy } from '../../../model/retry-policy.ts';
import type { ForwardAction, Route, RouteAction } from '../../../model/route.ts';
import type { HashPolicy } from '../../../model/route-policy.ts';
import { passthroughClusterName } from '../clusters/clusters.ts';
import { matchEverything } from './route-match.ts';

export interface PlainForward {
  readonly cluster: string;
  readonly retryPolicy: RetryPolicy | null;
  readonly hashPolicy: HashPolicy | null;
  readonly origin: Origin;
}

/** Istio names it `default`; it has no timeout. */
export function serviceRoute(options: PlainForward): Route {
  return plainRoute('default', plainForward(options), options.origin);
}

/** Requests to hosts that nothing knows go where the client meant them to go, or to a proxy. */
export function passthroughRoute(egressCluster: string | null): Route {
  const cluster = egressCluster ?? passthroughClusterName;
  const forward = { cluster, retryPolicy: null, hashPolicy: null };
  const action = plainForward({ ...forward, origin: builtInOrigin });
  return plainRoute('allow_any', action, builtInOrigin);
}

/** Requests to hosts that nothing knows are refused: 502, as Istio has it, not 404. */
export function blockRoute(): Route {
  const action = { kind: 'direct-response', status: 502, body: null } as const;
  return plainRoute('block_all', action, builtInOrigin);
}

/** For a host that is served on connections to another listener. */
export function misdirectedRoute(origin: Origin): Route {
  const action = { kind: 'direct-response', status: 421, body: null } as const;
  return plainRoute('misdirected', action, origin);
}

function plainForward({ cluster, retryPolicy, hashPolicy }: PlainForward): ForwardAction {
  return {
    kind: 'forward',
    clusters: [
      { cluster, weight: 1, requestHeaders: null, responseHeaders: null, hostRewrite: null },
    ],
    prefixRewrite: null,
    regexRewrite: null,
    hostRewrite: null,
    timeoutMs: 0,
    retryPolicy,
    hashPolicies: hashPolicy === null ? [] : [hashPolicy],
    stickyWeights: false,
    mirrors: [],
    clusterNotFoundStatus: 503,
  };
}

function plainRoute(name: string, action: RouteAction, origin: Origin): Route {
  return {
    name,
    match: matchEverything,
    action,
    requestHeaders: null,
    responseHeaders: null,
    fault: null,
    cors: null,
    toxics: null,
    origin,
  };
}

/** Explains a request: what the walk found, in words and with the place of everything. */

import { ok, type Result } from '../base/result.ts';
import { unicodeFromWire } from '../base/wire-text.ts';
import { explainRoute } from '../routing/explain.ts';
import { redirectLocation } from '../routing/redirect.ts';
import type { AskedRequest } from './asked-request.ts';
import { describeRoute } from './describe-route.ts';
import { describeRoutePolicy } from './describe-route-policy.ts';
import { explainTargets } from './explain-targets.ts';
import type { ExplainedConfig } from './explained-config.ts';
import type { Explanation, RejectedRoute } from './explanation.ts';
import { explainFilterChains } from './filter-chains.ts';
import { headerLines } from './header-lines.ts';
import { localStatus } from './local-status.ts';
import { describeVirtualHost, lostVirtualHosts } from './virtual-hosts.ts';
import { type Walk, walkRequest } from './walk-request.ts';

/** The error is a sentence for whoever asked. */
export function explainRequest(
  config: ExplainedConfig,
  asked: AskedRequest,
): Result<Explanation, string> {
  const walk = walkRequest(config, asked);
  return walk.ok ? ok(explainWalk(config, walk.value)) : walk;
}

/** The same for a walk that was made already. */
export function explainWalk(config: ExplainedConfig, walk: Walk): Explanation {
  const { route } = walk;
  return {
    ...explainEntry(walk),
    ...explainHost(walk),
    rejected: rejectedRoutes(walk),
    matched: route === null ? null : describeRoute(route.route, route.position),
    outcome: walk.outcome,
    status: localStatus(walk),
    refusal: walk.refusal,
    policy: route === null ? [] : describeRoutePolicy(route.route),
    ...explainTargets(config, walk),
    location: locationOf(walk),
  };
}

function explainEntry({ entry, request, asked, tls }: Walk) {
  const { method, scheme, authority, path } = request;
  return {
    listener: entry.open.listener.name,
    filterChain: entry.chain.name,
    filterChains: explainFilterChains(entry.open.listener, entry.begun, entry.chain),
    tls: tls?.explained ?? null,
    listeners: entry.considered,
    request: {
      method,
      scheme,
      authority: unicodeFromWire(authority),
      path: unicodeFromWire(path),
      headers: headerLines(asked.headers),
    },
  };
}

function explainHost({ table, virtualHost, request: { authority } }: Walk) {
  const routeTable = table?.name ?? null;
  if (table === null || virtualHost === null) {
    return { routeTable, virtualHost: null, lostVirtualHosts: [] };
  }
  return {
    routeTable,
    virtualHost: describeVirtualHost(virtualHost, table, authority),
    lostVirtualHosts: lostVirtualHosts(virtualHost, table, authority),
  };
}

/** Those before the one that the matcher chose; all where it found none. */
function rejectedRoutes({ virtualHost, request, outcome }: Walk): RejectedRoute[] {
  if (virtualHost === null || outcome === 'redirected-to-https') return [];
  return explainRoute(virtualHost, request).rejected.map(({ route, mismatches }) => ({
    route: describeRoute(route.route, route.position),
    mismatches: mismatches.map((mismatch) => ({
      ...mismatch,
      actual: mismatch.actual === null ? null : mismatch.actual.map(unicodeFromWire),
    })),
  }));
}

/** null: the client is not sent elsewhere. */
function locationOf({ route, request, outcome }: Walk): string | null {
  const { authority, path } = request;
  if (outcome === 'redirected-to-https') return unicodeFromWire(`https://${authority}${path}`);
  if (outcome === 'no-certificate' || route?.action.kind !== 'redirect') return null;
  return unicodeFromWire(redirectLocation(route.action, request, route));
}

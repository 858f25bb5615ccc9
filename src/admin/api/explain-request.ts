/**
 * Walks the way of a request without sending it: listener, filter chain, route table, virtual host,
 * routes, clusters. The tables are those that serve, and the steps those of the proxy.
 */

import { ok, type Result } from '../../base/result.ts';
import { unicodeFromWire } from '../../base/wire-text.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { HttpFilterChain } from '../../model/filter-chain.ts';
import { findRouteTable } from '../../proxy/find-route-table.ts';
import type { CompiledForward, CompiledRoute } from '../../routing/compiled-route.ts';
import { explainRoute } from '../../routing/explain.ts';
import { normalizePath } from '../../routing/path-normalization.ts';
import { rewritePath } from '../../routing/path-rewrite.ts';
import type { RouteRequest } from '../../routing/route-request.ts';
import type { CompiledVirtualHost } from '../../routing/route-table.ts';
import type { ListenerStatus, RunningState } from '../running-state.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { describeOrigin } from './describe-origin.ts';
import { describeRoute } from './describe-route.ts';
import { chooseListener } from './explain-listener.ts';
import type { ExplainedTarget, Explanation } from './schema/explanation.ts';

export interface AskedRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** Path and query as sent; wire text. */
  readonly target: string;
  /** Names in lower case; values are wire text. */
  readonly headers: HeaderList;
  /** null: the one that fits best. */
  readonly listener: string | null;
}

/** The error is a sentence for whoever asked. */
export function explainRequest(
  state: RunningState,
  asked: AskedRequest,
): Result<Explanation, string> {
  const entry = chooseListener(state, asked);
  if (!entry.ok) return entry;
  const { status, chain } = entry.value;
  const path = normalizePath(asked.target, chain.http.pathNormalization);
  const table = findRouteTable(chain.routes, asked.authority, state.routeTables());
  const host = path === null ? null : (table?.findVirtualHost(asked.authority) ?? null);
  const start = startExplanation(status, chain, asked, path ?? asked.target);
  if (path === null) return ok({ ...start, outcome: 'refused', routeTable: table?.name ?? null });
  const found = { ...start, routeTable: table?.name ?? null };
  if (host === null) return ok(found);
  const named = { ...found, virtualHost: describeHost(host) };
  const needsTls = host.virtualHost.requireTls && asked.scheme !== 'https';
  if (needsTls) return ok({ ...named, outcome: 'redirected-to-https' });
  return ok(explainRoutes(state, host, { request: routeRequest(asked, path), start: named }));
}

/** Of a request for which no route is found. */
function startExplanation(
  { listener }: ListenerStatus,
  chain: HttpFilterChain,
  asked: AskedRequest,
  path: string,
): Explanation {
  const { method, scheme, authority } = asked;
  return {
    listener: listener.name,
    filterChain: chain.name,
    request: { method, scheme, authority, path: unicodeFromWire(path) },
    routeTable: null,
    virtualHost: null,
    rejected: [],
    matched: null,
    outcome: 'not-found',
    targets: [],
    upstreamPath: null,
    upstreamAuthority: null,
  };
}

interface Walk {
  readonly request: RouteRequest;
  readonly start: Explanation;
}

function explainRoutes(
  state: RunningState,
  host: CompiledVirtualHost,
  { request, start }: Walk,
): Explanation {
  const { matched, rejected } = explainRoute(host, request);
  const withRoutes: Explanation = {
    ...start,
    rejected: rejected.map(({ route, mismatches }) => ({
      route: describeRoute(route.route, route.position),
      mismatches: mismatches.map((mismatch) => ({
        ...mismatch,
        actual: mismatch.actual === null ? null : mismatch.actual.map(unicodeFromWire),
      })),
    })),
    matched: matched === null ? null : describeRoute(matched.route, matched.position),
  };
  if (matched === null) return withRoutes;
  const { action } = matched;
  if (action.kind === 'redirect') return { ...withRoutes, outcome: 'redirected' };
  if (action.kind === 'direct-response') return { ...withRoutes, outcome: 'answered' };
  return {
    ...withRoutes,
    outcome: 'forwarded',
    targets: targetsOf(state, action),
    upstreamPath: unicodeFromWire(rewritePath(matched, request.path)),
    upstreamAuthority: upstreamAuthority(matched, request),
  };
}

function targetsOf(state: RunningState, action: CompiledForward): ExplainedTarget[] {
  const clusters = new Map(state.clusters().map((cluster) => [cluster.name, cluster]));
  return action.clusters.map(({ cluster: name, weight }) => {
    const cluster = clusters.get(name);
    return {
      cluster: name,
      percent: (100 * weight) / action.totalWeight,
      exists: cluster !== undefined,
      endpoints: cluster === undefined ? [] : cluster.endpoints.map(describeEndpoint),
    };
  });
}

/** null: it depends on which cluster is drawn. */
function upstreamAuthority({ action }: CompiledRoute, request: RouteRequest): string | null {
  if (action.kind !== 'forward') return null;
  if (action.action.hostRewrite !== null) return unicodeFromWire(action.action.hostRewrite);
  const rewrites = new Set(action.clusters.map(({ hostRewrite }) => hostRewrite));
  const [only = null] = rewrites;
  return rewrites.size > 1 ? null : (only ?? request.authority);
}

function describeHost({ virtualHost }: CompiledVirtualHost): Explanation['virtualHost'] {
  const { name, domains, origin } = virtualHost;
  return { name, domains: [...domains], origin: describeOrigin(origin) };
}

function routeRequest(asked: AskedRequest, path: string): RouteRequest {
  const question = path.indexOf('?');
  const { method, scheme, authority, headers } = asked;
  const pathname = question < 0 ? path : path.slice(0, question);
  const query = question < 0 ? null : path.slice(question + 1);
  return { method, scheme, authority, path, pathname, query, headers };
}

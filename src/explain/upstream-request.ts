/** What a route that forwards makes of the request for one of its clusters, and what hashes it. */

import { HeaderList } from '../http1/header-list.ts';
import type { HttpSettings } from '../model/http-settings.ts';
import type { WeightedCluster } from '../model/route.ts';
import type { HashPolicy } from '../model/route-policy.ts';
import { applyRoute, type RoutedRequest } from '../proxy/stream/apply-route.ts';
import { createRouteRuntime } from '../proxy/stream/route-runtime.ts';
import type { CompiledForward, CompiledRoute } from '../routing/compiled-route.ts';
import { computeHash, type HashRequest } from '../routing/request-hash.ts';
import { clusterOfHash } from '../routing/sticky-choice.ts';
import { StreamInfo } from '../telemetry/stream-info.ts';
import type { ExplainedConfig } from './explained-config.ts';
import type { ExplainedHash, ExplainedHeader } from './explained-target.ts';
import { headerLines } from './header-lines.ts';
import type { Walk } from './walk-request.ts';

/** The request as an endpoint of one cluster is sent it; wire text. */
export interface UpstreamRequest {
  readonly path: string;
  readonly authority: string;
  readonly headers: HeaderList;
  /** Its hash for the load balancer; null: nothing to hash, or not before the client has a cookie. */
  readonly hash: bigint | null;
}

/** `chosen` is one of the route's clusters. The request of the walk is left as it is. */
export function upstreamRequest(
  config: ExplainedConfig,
  walk: Walk,
  chosen: WeightedCluster,
): UpstreamRequest {
  const route = walk.route as CompiledRoute;
  const action = route.action as CompiledForward;
  const request = new RequestOfWalk(config, walk, chosen);
  applyRoute(request, route, chosen);
  return {
    path: request.upstreamPath,
    authority: request.headers.get('host') ?? request.authority,
    headers: request.headers,
    hash: hashOf(config, action, hashRequest(walk, request.headers, request.upstreamPath)),
  };
}

/** null: the route has no consistent hash. `upstream`: the request for each of its clusters. */
export function explainHash(
  config: ExplainedConfig,
  walk: Walk,
  upstream: readonly UpstreamRequest[],
): ExplainedHash | null {
  const action = walk.route?.action;
  if (action?.kind !== 'forward' || action.hashPolicies === null) return null;
  const hashes = new Set(upstream.map(({ hash }) => hash));
  // Where clusters change the request in ways of their own, so they may its hash.
  const [only = null] = hashes.size === 1 ? hashes : [];
  // The choice comes first, by the request as it is before it is changed.
  const { request } = walk;
  const before =
    action.stickySeeds === null
      ? null
      : hashOf(config, action, hashRequest(walk, request.headers, request.path));
  return {
    policies: action.hashPolicies.map(describeHashPolicy),
    value: only === null ? null : only.toString(16).padStart(16, '0'),
    cluster: before === null ? null : clusterOfHash(action, before, config.hash64).cluster,
  };
}

/** A cookie that is made for the client now depends on its connection, which there is none of. */
function hashOf(
  { hash64 }: ExplainedConfig,
  action: CompiledForward,
  request: HashRequest,
): bigint | null {
  const { hash, setCookies } = computeHash(action, request, hash64);
  return setCookies === null ? hash : null;
}

function hashRequest(walk: Walk, headers: HeaderList, upstreamPath: string): HashRequest {
  const { request, facts, asked } = walk;
  return {
    method: request.method,
    scheme: request.scheme,
    headers,
    upstreamPath,
    remoteAddress: facts.clientAddress ?? asked.clientAddress,
    connectionEnds: '',
  };
}

function describeHashPolicy(policy: HashPolicy): string {
  switch (policy.kind) {
    case 'source-ip':
      return 'address of the client';
    case 'cookie':
      return policy.ttlSeconds === null
        ? `cookie ${policy.name}`
        : `cookie ${policy.name}, given to clients without it`;
    case 'query-parameter':
      return `query parameter ${policy.name}`;
    default:
      return `header ${policy.name}`;
  }
}

/** What the proxy's stream is to `applyRoute`. */
class RequestOfWalk implements RoutedRequest {
  readonly headers = new HeaderList();
  readonly runtime: RoutedRequest['runtime'];
  readonly facts: RoutedRequest['facts'];
  readonly settings: HttpSettings;
  readonly authority: string;
  readonly path: string;
  readonly cluster: RoutedRequest['cluster'];
  readonly info: StreamInfo;
  clusterRuntime: RoutedRequest['clusterRuntime'] = null;
  retryPolicy: RoutedRequest['retryPolicy'] = null;
  upstreamPath: string;
  timeoutMs = 0;
  timeoutStatus = 504;

  constructor(config: ExplainedConfig, walk: Walk, chosen: WeightedCluster) {
    const { request, facts, entry, asked } = walk;
    const { authority, path, method } = request;
    const { route } = walk.route as CompiledRoute;
    this.headers.flat.push(...request.headers.flat);
    this.runtime = createRouteRuntime(route, null);
    this.facts = facts;
    this.settings = entry.chain.http;
    this.authority = authority;
    this.path = path;
    this.cluster = config.findCluster(chosen.cluster);
    this.upstreamPath = path;
    this.info = new StreamInfo(entry.open.listener, 0, 0);
    Object.assign(this.info, {
      method,
      path,
      authority,
      scheme: asked.scheme,
      requestHeaders: this.headers,
      requestId: facts.requestId,
      routeName: route.name,
      virtualHostName: walk.virtualHost?.virtualHost.name ?? '',
      clusterName: chosen.cluster,
      cluster: this.cluster?.model ?? null,
      downstreamRemoteAddress: `${facts.clientAddress ?? asked.clientAddress}:0`,
      downstreamDirectRemoteAddress: `${asked.clientAddress}:0`,
      filterChainName: entry.chain.name,
      requestedServerName: entry.begun.serverName,
      tls: walk.tls?.info ?? null,
    } satisfies Partial<StreamInfo>);
  }
}

/** The block that goes upstream; an id that the proxy makes is another one each time. */
export function describeHeaders({ headers }: UpstreamRequest, walk: Walk): ExplainedHeader[] {
  const { requestId } = walk.facts;
  const isMade = requestId !== (walk.asked.headers.get('x-request-id') ?? null);
  return headerLines(headers).map(({ name, value }) => ({
    name,
    value: isMade && name === 'x-request-id' && value === requestId ? 'a new UUID' : value,
  }));
}

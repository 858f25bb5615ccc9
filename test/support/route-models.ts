/** Short ways to write routes, route tables and requests in tests and benchmarks. */

import { HeaderList } from '../../src/http1/header-list.ts';
import { builtInOrigin } from '../../src/model/origin.ts';
import type {
  ForwardAction,
  RedirectAction,
  Route,
  RouteAction,
  WeightedCluster,
} from '../../src/model/route.ts';
import type {
  HeaderMatch,
  PathMatch,
  RouteMatch,
  StringMatch,
} from '../../src/model/route-match.ts';
import type { RouteTable, VirtualHost } from '../../src/model/virtual-host.ts';
import type { RouteRequest } from '../../src/routing/route-request.ts';
import {
  type CompiledRouteTable,
  type CompiledVirtualHost,
  compileRouteTable,
} from '../../src/routing/route-table.ts';

export function pathMatch(kind: PathMatch['kind'], value: string, ignoreCase = false): PathMatch {
  return { kind, value, ignoreCase };
}

export function headerMatch(name: string, match: StringMatch): HeaderMatch {
  return { name, match, invert: false, treatMissingAsEmpty: false };
}

/** A condition as withoutHeaders makes it. */
export function withoutHeader(name: string, match: StringMatch): HeaderMatch {
  return { name, match, invert: true, treatMissingAsEmpty: match.kind !== 'present' };
}

/** Everything that is not given matches every request. */
export function routeMatch(match: Partial<RouteMatch>): RouteMatch {
  return { path: pathMatch('prefix', '/'), headers: [], queryParameters: [], ...match };
}

export function weightedCluster(cluster: string, weight = 1): WeightedCluster {
  return { cluster, weight, requestHeaders: null, responseHeaders: null, hostRewrite: null };
}

export function forwardTo(cluster: string, changes: Partial<ForwardAction> = {}): ForwardAction {
  return {
    kind: 'forward',
    clusters: [weightedCluster(cluster)],
    prefixRewrite: null,
    regexRewrite: null,
    hostRewrite: null,
    timeoutMs: 0,
    retryPolicy: null,
    hashPolicies: [],
    stickyWeights: false,
    mirrors: [],
    clusterNotFoundStatus: 503,
    ...changes,
  };
}

export function redirectTo(changes: Partial<RedirectAction>): RedirectAction {
  return {
    kind: 'redirect',
    status: 301,
    scheme: null,
    host: null,
    port: null,
    path: null,
    prefixRewrite: null,
    ...changes,
  };
}

export function route(
  name: string,
  match: Partial<RouteMatch> = {},
  action: RouteAction = forwardTo(name),
): Route {
  return {
    name,
    match: routeMatch(match),
    action,
    requestHeaders: null,
    responseHeaders: null,
    fault: null,
    cors: null,
    toxics: null,
    origin: builtInOrigin,
  };
}

export function virtualHost(
  domains: readonly string[],
  routes: readonly Route[] = [],
): VirtualHost {
  return { name: domains[0] ?? '', domains, routes, requireTls: false, origin: builtInOrigin };
}

export function routeTable(
  virtualHosts: readonly VirtualHost[],
  ignorePortInHost = false,
): CompiledRouteTable {
  const table: RouteTable = { name: '80', virtualHosts, ignorePortInHost, grpcWeb: false };
  return compileRouteTable(table);
}

/** A virtual host with these routes, as it is compiled. */
export function compiledHost(routes: readonly Route[]): CompiledVirtualHost {
  const table = routeTable([virtualHost(['*'], routes)]);
  return table.virtualHosts[0] as CompiledVirtualHost;
}

export interface RequestParts {
  readonly method?: string;
  readonly scheme?: string;
  readonly authority?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

export function routeRequest(path: string, parts: RequestParts = {}): RouteRequest {
  const { method = 'GET', scheme = 'http', authority = 'a.example.com', headers = [] } = parts;
  const list = new HeaderList();
  for (const [name, value] of headers) list.append(name, value);
  const queryAt = path.indexOf('?');
  const pathname = queryAt < 0 ? path : path.slice(0, queryAt);
  const query = queryAt < 0 ? null : path.slice(queryAt + 1);
  return { method, scheme, authority, path, pathname, query, headers: list };
}

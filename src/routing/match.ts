/** Finds the route of a request: the first in declared order whose conditions all hold. */

import { type CompiledRoute, routeMatches } from './compiled-route.ts';
import type { RouteRequest } from './route-request.ts';
import type { CompiledVirtualHost } from './route-table.ts';

/** null if no route matches: Envoy answers 404 with the flag NR. */
export function matchRoute(
  virtualHost: CompiledVirtualHost,
  request: RouteRequest,
): CompiledRoute | null {
  if (virtualHost.index !== null) return virtualHost.index.find(request);
  for (const route of virtualHost.routes) if (routeMatches(route, request)) return route;
  return null;
}

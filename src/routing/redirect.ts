/** Where a redirect route sends the client (Envoy RedirectAction). */

import type { CompiledRedirect, CompiledRoute } from './compiled-route.ts';
import { replaceMatchedPath } from './path-rewrite.ts';
import type { RouteRequest } from './route-request.ts';

/** The value of the `location` header. */
export function redirectLocation(
  { action }: CompiledRedirect,
  request: RouteRequest,
  route: CompiledRoute,
): string {
  const scheme = action.scheme ?? request.scheme;
  const host = action.host ?? requestHost(request, scheme, action);
  const port = action.port === null ? '' : `:${action.port}`;
  const path = redirectPath(route, action, request);
  // What the configuration gives without a slash must not become part of the host.
  const slash = path.charCodeAt(0) === 0x2f ? '' : '/';
  return `${scheme}://${host}${port}${slash}${path}`;
}

function redirectPath(
  route: CompiledRoute,
  action: CompiledRedirect['action'],
  request: RouteRequest,
): string {
  if (action.path !== null) {
    // A query of its own takes the place of the request's query.
    const keepsQuery = request.query !== null && !action.path.includes('?');
    return keepsQuery ? `${action.path}?${request.query}` : action.path;
  }
  if (action.prefixRewrite === null) return request.path;
  return replaceMatchedPath(route, request.path, action.prefixRewrite);
}

/** The authority, whose port goes where another is set or the scheme's default one changes. */
function requestHost(
  request: RouteRequest,
  scheme: string,
  action: CompiledRedirect['action'],
): string {
  const { authority } = request;
  const portAt = portStart(authority);
  if (portAt < 0) return authority;
  const isDefaultPort = authority.slice(portAt) === (request.scheme === 'https' ? ':443' : ':80');
  const isLeftOver = scheme !== request.scheme && isDefaultPort;
  const hasOther = action.dropsPort === true || action.port !== null;
  return hasOther || isLeftOver ? authority.slice(0, portAt) : authority;
}

/** Where the `:port` of an authority begins; -1 where it has none. Colons in `[…]` do not count. */
export function portStart(authority: string): number {
  const colonAt = authority.lastIndexOf(':');
  return colonAt >= 0 && authority.indexOf(']', colonAt) < 0 ? colonAt : -1;
}

/** The path that goes upstream where a route rewrites it. */

import type { CompiledRoute } from './compiled-route.ts';
import { replaceMatches } from './regex-rewrite.ts';

const slash = 0x2f;

/**
 * `path` has matched the route and may have a query, which is kept. A prefix rewrite replaces what
 * the route's path condition has matched, as plain text: `/foo` to `/` makes `//bar` of `/foo/bar`.
 */
export function rewritePath(route: CompiledRoute, path: string): string {
  const { action } = route;
  if (action.kind !== 'forward') return path;
  const { prefixRewrite } = action.action;
  if (prefixRewrite !== null) {
    const replaced = replaceMatchedPath(route, path, prefixRewrite);
    return prefixRewrite === '' && replaced.charCodeAt(0) !== slash ? `/${replaced}` : replaced;
  }
  if (action.regexRewrite === null) return path;
  const end = pathnameEnd(path);
  return replaceMatches(action.regexRewrite, path.slice(0, end)) + path.slice(end);
}

/** After an exact or a regex match the whole path but the query is replaced. */
export function replaceMatchedPath(
  route: CompiledRoute,
  path: string,
  replacement: string,
): string {
  const { kind, value } = route.path;
  const isPrefix = kind === 'prefix' || kind === 'path-separated-prefix';
  return replacement + path.slice(isPrefix ? value.length : pathnameEnd(path));
}

function pathnameEnd(path: string): number {
  const queryAt = path.indexOf('?');
  return queryAt < 0 ? path.length : queryAt;
}

/** The walk of the matcher with reasons: why each route before the chosen one did not match. */

import type { CompiledRoute } from './compiled-route.ts';
import { type CompiledHeaderMatch, headerMatches, pseudoHeader } from './header-match.ts';
import { pathKindText } from './path-kind-text.ts';
import { type CompiledPathMatch, pathMatches } from './path-match.ts';
import { type CompiledQueryMatch, queryMatches } from './query-match.ts';
import { findQueryParameter } from './query-string.ts';
import type { RouteRequest } from './route-request.ts';
import type { CompiledVirtualHost } from './route-table.ts';
import { stringMatchText } from './string-match-text.ts';

export interface RouteExplanation {
  /** What `matchRoute` answers. */
  readonly matched: CompiledRoute | null;
  /** Every route before it in declared order, or all of them if none matches. */
  readonly rejected: readonly RejectedRoute[];
}

export interface RejectedRoute {
  readonly route: CompiledRoute;
  /** Every condition that did not hold; never empty. */
  readonly mismatches: readonly Mismatch[];
}

export interface Mismatch {
  readonly part: 'path' | 'header' | 'query-parameter';
  /** Of the header or parameter; empty for the path. */
  readonly name: string;
  /** What the route asks for, in words: `exact "jason"`, `not prefix "ja"`. */
  readonly expected: string;
  /** What the request has, a value for each line; null if it has nothing. */
  readonly actual: readonly string[] | null;
}

export function explainRoute(
  virtualHost: CompiledVirtualHost,
  request: RouteRequest,
): RouteExplanation {
  const rejected: RejectedRoute[] = [];
  for (const route of virtualHost.routes) {
    const mismatches = mismatchesOf(route, request);
    if (mismatches.length === 0) return { matched: route, rejected };
    rejected.push({ route, mismatches });
  }
  return { matched: null, rejected };
}

function mismatchesOf(route: CompiledRoute, request: RouteRequest): Mismatch[] {
  const mismatches: Mismatch[] = [];
  if (!pathMatches(route.path, request.pathname)) {
    const expected = describePath(route.path, route.route.match.path.value);
    mismatches.push({ part: 'path', name: '', expected, actual: [request.pathname] });
  }
  for (const header of route.headers ?? []) {
    if (!headerMatches(header, request)) mismatches.push(headerMismatch(header, request));
  }
  for (const query of route.queryParameters ?? []) {
    if (!queryMatches(query, request.query)) mismatches.push(queryMismatch(query, request));
  }
  return mismatches;
}

function headerMismatch(header: CompiledHeaderMatch, request: RouteRequest): Mismatch {
  const { name, source, model } = header;
  const values =
    source === 'header' ? request.headers.getAll(name) : [pseudoHeader(source, request)];
  const wanted = stringMatchText(model.match);
  return {
    part: 'header',
    name,
    expected: header.invert ? `not ${wanted}` : wanted,
    actual: values.length === 0 ? null : values,
  };
}

function queryMismatch(query: CompiledQueryMatch, request: RouteRequest): Mismatch {
  const value = findQueryParameter(request.query, query.name);
  return {
    part: 'query-parameter',
    name: query.model.name,
    expected: stringMatchText(query.model.match),
    actual: value === null ? null : [value],
  };
}

function describePath(path: CompiledPathMatch, value: string): string {
  return `${pathKindText(path.kind)} "${value}"${path.ignoreCase ? ' ignoring case' : ''}`;
}

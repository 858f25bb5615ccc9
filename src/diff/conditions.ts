/** The conditions of routes by the part of a request that they look at. */

import { HeaderList } from '../http1/header-list.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import { type CompiledHeaderMatch, headerMatches } from '../routing/header-match.ts';
import { type CompiledQueryMatch, queryMatches } from '../routing/query-match.ts';
import type { RouteRequest } from '../routing/route-request.ts';
import { canonicalText } from './canonical.ts';

/** One condition; those that say the same are one. Exactly one of both is not null. */
export interface Condition {
  readonly key: string;
  /** The part of the request: `header end-user`, `query v`, `header :method`. */
  readonly part: string;
  readonly header: CompiledHeaderMatch | null;
  readonly query: CompiledQueryMatch | null;
}

/** Of all the routes, each once. */
export function conditionsOf(routes: readonly CompiledRoute[]): readonly Condition[] {
  const found = new Map<string, Condition>();
  for (const route of routes) {
    for (const condition of routeConditions(route)) {
      if (!found.has(condition.key)) found.set(condition.key, condition);
    }
  }
  return [...found.values()];
}

export function routeConditions({ headers, queryParameters }: CompiledRoute): Condition[] {
  return [
    ...(headers ?? []).map((header): Condition => {
      const part = `header ${header.name}`;
      return { key: `${part} ${canonicalText(header.model)}`, part, header, query: null };
    }),
    ...(queryParameters ?? []).map((query): Condition => {
      const part = `query ${query.name}`;
      return { key: `${part} ${canonicalText(query.model)}`, part, header: null, query };
    }),
  ];
}

export function conditionHolds({ header, query }: Condition, request: RouteRequest): boolean {
  if (header !== null) return headerMatches(header, request);
  return query !== null && queryMatches(query, request.query);
}

export interface RequestParts {
  readonly method?: string;
  readonly scheme?: string;
  readonly authority?: string;
  readonly pathname?: string;
  readonly query?: string | null;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A request in which only these parts matter. */
export function probe(parts: RequestParts): RouteRequest {
  const { method = 'GET', scheme = 'http', authority = '', pathname = '/', query = null } = parts;
  const headers = new HeaderList();
  for (const [name, value] of parts.headers ?? []) headers.append(name, value);
  const path = query === null ? pathname : `${pathname}?${query}`;
  return { method, scheme, authority, path, pathname, query, headers };
}

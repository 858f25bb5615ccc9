/**
 * Finds the first matching route of a virtual host with many routes without looking at all of
 * them. Declared order still decides: of all routes that match, the lowest position wins.
 */

import { type CompiledRoute, routeMatches } from './compiled-route.ts';
import { buildPrefixTree, type PrefixEntry, type PrefixNode } from './prefix-tree.ts';
import type { RouteRequest } from './route-request.ts';

export class RouteIndex {
  readonly #plain: PathIndex | null;
  /** Routes whose paths are compared in lower case. */
  readonly #ignoringCase: PathIndex | null;
  /** Routes whose path says nothing about how it begins, in declared order. */
  readonly #others: readonly CompiledRoute[] | null;

  constructor(routes: readonly CompiledRoute[]) {
    const isIndexed = (route: CompiledRoute) => indexedText(route) !== '';
    const others = routes.filter((route) => !isIndexed(route));
    const indexed = routes.filter(isIndexed);
    this.#plain = createPathIndex(indexed.filter(({ path }) => !path.ignoreCase));
    this.#ignoringCase = createPathIndex(indexed.filter(({ path }) => path.ignoreCase));
    this.#others = others.length === 0 ? null : others;
  }

  find(request: RouteRequest): CompiledRoute | null {
    let best: CompiledRoute | null = null;
    if (this.#plain !== null) best = this.#plain.find(request, request.pathname, best);
    if (this.#ignoringCase !== null) {
      best = this.#ignoringCase.find(request, request.pathname.toLowerCase(), best);
    }
    return this.#others === null ? best : firstMatch(this.#others, request, best);
  }
}

class PathIndex {
  readonly #exact: ReadonlyMap<string, readonly CompiledRoute[]> | null;
  readonly #prefixes: PrefixNode | null;

  constructor(routes: readonly CompiledRoute[]) {
    const exact = Map.groupBy(
      routes.filter(({ path }) => path.kind === 'exact'),
      ({ path }) => path.value,
    );
    this.#exact = exact.size === 0 ? null : exact;
    const prefixes = routes.filter(({ path }) => path.kind !== 'exact');
    this.#prefixes = buildPrefixTree(
      prefixes.map((route): PrefixEntry => ({ prefix: indexedText(route), route })),
    );
  }

  /** The first match, or `best` if that stands before it. */
  find(request: RouteRequest, path: string, best: CompiledRoute | null): CompiledRoute | null {
    const exact = this.#exact === null ? undefined : this.#exact.get(path);
    const first = exact === undefined ? best : firstMatch(exact, request, best);
    return this.#findByPrefix(request, path, first);
  }

  #findByPrefix(
    request: RouteRequest,
    path: string,
    best: CompiledRoute | null,
  ): CompiledRoute | null {
    let found = best;
    let at = 0;
    let node: PrefixNode | null | undefined = this.#prefixes;
    while (node != null && (found === null || node.firstPosition < found.position)) {
      if (!path.startsWith(node.label, at)) break;
      at += node.label.length;
      if (node.routes !== null) found = firstMatch(node.routes, request, found);
      node = node.children?.get(path.charCodeAt(at));
    }
    return found;
  }
}

function createPathIndex(routes: readonly CompiledRoute[]): PathIndex | null {
  return routes.length === 0 ? null : new PathIndex(routes);
}

/** What every path that the route matches begins with, or is; empty where nothing is known. */
function indexedText({ path }: CompiledRoute): string {
  return path.kind === 'regex' ? (path.regex?.literalPrefix ?? '') : path.value;
}

/** The first of `routes` that matches and stands before `best`; otherwise `best`. */
function firstMatch(
  routes: readonly CompiledRoute[],
  request: RouteRequest,
  best: CompiledRoute | null,
): CompiledRoute | null {
  for (const route of routes) {
    if (best !== null && route.position > best.position) return best;
    if (routeMatches(route, request)) return route;
  }
  return best;
}

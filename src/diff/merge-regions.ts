/** Joins regions that differ in the same way: hosts and tables of one and the same rule. */

import { canonicalText } from './canonical.ts';
import type { Region, RouteReference } from './difference.ts';

/** In the order in which they are found first. The example is that of the first one. */
export function mergeRegions(regions: readonly Region[]): Region[] {
  const merged = new Map<string, Region>();
  for (const region of regions) {
    const key = keyOf(region);
    const known = merged.get(key);
    merged.set(key, known === undefined ? region : join(known, region));
  }
  return [...merged.values()];
}

function keyOf({ conditions, differences, old, new: now }: Region): string {
  const routes = [routeKey(old.route), routeKey(now.route)];
  return canonicalText([routes, conditions, differences, old.outcome, now.outcome]);
}

function routeKey(route: RouteReference | null): unknown {
  return route === null ? null : [route.name, route.place, route.conditions];
}

function join(first: Region, other: Region): Region {
  return {
    ...first,
    tables: [...new Set([...first.tables, ...other.tables])],
    hosts: [...new Set([...first.hosts, ...other.hosts])],
  };
}

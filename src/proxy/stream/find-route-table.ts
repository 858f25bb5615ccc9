/** Which route table a filter chain routes a request by. */

import type { RouteSource } from '../../model/filter-chain.ts';
import type { CompiledRouteTable } from '../../routing/route-table.ts';
import { authorityPort } from '../headers/authority.ts';

/** null: there is none of that name, and no request finds a route. */
export function findRouteTable(
  source: RouteSource,
  authority: string,
  tables: ReadonlyMap<string, CompiledRouteTable>,
): CompiledRouteTable | null {
  if (source.kind === 'table') return tables.get(source.name) ?? null;
  const port = authorityPort(authority);
  // Clients choose the key, so only own properties count.
  const name = Object.hasOwn(source.tables, port) ? source.tables[port] : undefined;
  return tables.get(name ?? source.fallback) ?? null;
}

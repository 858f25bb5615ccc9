/** The names that local TLS makes certificates for: those with something to serve behind them. */

import { isIPv4 } from 'node:net';
import type { ActiveFilterChain } from '../listener/active-filter-chain.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * Loopback names (RFC 6761 section 6.3) and addresses, whatever is served; names that the route
 * table of the chain has, but for `*`; and whatever chose a chain for TCP by its server name.
 */
export function isLocalHost(name: string, chain: ActiveFilterChain, snapshot: Snapshot): boolean {
  if (isLoopbackName(name)) return true;
  if (chain.kind === 'tcp') return chain.model.match.serverNames.length > 0;
  const { routes } = chain.model;
  if (routes.kind !== 'table') return false;
  return snapshot.routeTables.get(routes.name)?.hasHost(name) ?? false;
}

function isLoopbackName(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return name.startsWith('127.') && isIPv4(name);
}

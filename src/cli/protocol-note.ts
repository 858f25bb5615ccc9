/** What is spoken on a listener, where that is not plain HTTP. */

import type { FilterChain } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';

/** ` (https)`, ` (https, tls)`, ` (tcp)`; empty for plain HTTP, and beside an application. */
export function protocolNote({ direction, filterChains }: Listener): string {
  if (direction !== 'gateway') return '';
  const protocols = [...new Set(filterChains.map(protocolOf))].sort();
  return protocols.every((protocol) => protocol === 'http') ? '' : ` (${protocols.join(', ')})`;
}

function protocolOf({ kind, tls, match }: FilterChain): 'http' | 'https' | 'tls' | 'tcp' {
  if (kind === 'http') return tls === null ? 'http' : 'https';
  return tls === null && match.serverNames.length === 0 ? 'tcp' : 'tls';
}

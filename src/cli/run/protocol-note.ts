/** What is spoken on a listener, where that is not plain HTTP. */

import type { FilterChain } from '../../model/filter-chain.ts';
import type { Listener } from '../../model/listener.ts';

/**
 * ` (https)`, ` (https, tls)`, ` (tcp)`, ` (http, PROXY protocol)`; empty for plain HTTP. Beside an
 * application what is said is what it speaks: only that there is TLS is worth a word.
 */
export function protocolNote({ direction, filterChains, proxyProtocol }: Listener): string {
  const protocols = [...new Set(filterChains.map(protocolOf))].sort();
  const notes = direction === 'gateway' ? protocols : protocols.filter(isEncrypted);
  if (proxyProtocol) return ` (${[...notes, 'PROXY protocol'].join(', ')})`;
  return notes.every((note) => note === 'http') ? '' : ` (${notes.join(', ')})`;
}

function isEncrypted(protocol: string): boolean {
  return protocol === 'https' || protocol === 'tls';
}

function protocolOf({ kind, tls, match }: FilterChain): 'http' | 'https' | 'tls' | 'tcp' {
  if (kind === 'http') return tls === null ? 'http' : 'https';
  return tls === null && match.serverNames.length === 0 ? 'tcp' : 'tls';
}

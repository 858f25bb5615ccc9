/** Filter chains of a listener, each with a match of its own, as Envoy demands it. */

import type { FilterChain, FilterChainMatch, TcpFilterChain } from '../../../model/filter-chain.ts';
import type { Origin } from '../../../model/origin.ts';
import type { TcpProxy } from '../../../model/tcp-proxy.ts';
import type { DownstreamTls } from '../../../model/tls.ts';

export interface TcpChainParts {
  readonly match: FilterChainMatch;
  readonly tcp: TcpProxy;
  /** Default: bytes are passed on as they come. */
  readonly tls?: DownstreamTls | null;
  readonly origin: Origin;
}

export function tcpChain({ match, tcp, tls = null, origin }: TcpChainParts): TcpFilterChain {
  return { kind: 'tcp', name: nameOf(match), match, tls, tcp, origin };
}

/** The match says which connections the chain has, so a reload finds it again by that. */
function nameOf({ destinations, serverNames, transport, application }: FilterChainMatch): string {
  const conditions = [transport, application].filter((condition) => condition !== null);
  return ['tcp', ...conditions, ...destinations, ...serverNames].join(' ');
}

/** Server names as connections are matched by them; `*` is any. */
export function serverNamesOf(hosts: readonly string[]): string[] {
  return hosts.includes('*') ? [] : [...new Set(hosts.map((host) => host.toLowerCase()))];
}

/** Collects chains in order: of two for the same connections the first has them. */
export class FilterChainSet {
  readonly chains: FilterChain[] = [];
  readonly #taken = new Set<string>();

  /** What is left for the chain is added; false where that is nothing. */
  add(chain: FilterChain): boolean {
    const { destinations, serverNames } = chain.match;
    const isFree = (destination: string, serverName: string) =>
      !this.#taken.has(keyOf(chain.match, destination, serverName));
    const places = destinations.length === 0 ? [''] : destinations;
    const names = serverNames.length === 0 ? [''] : serverNames;
    const freePlaces = places.filter((place) => names.some((name) => isFree(place, name)));
    const freeNames = names.filter((name) => places.some((place) => isFree(place, name)));
    if (freeNames.length === 0) return false;
    for (const place of freePlaces) {
      for (const name of freeNames) this.#taken.add(keyOf(chain.match, place, name));
    }
    const match: FilterChainMatch = {
      ...chain.match,
      destinations: destinations.length === 0 ? [] : freePlaces,
      serverNames: serverNames.length === 0 ? [] : freeNames,
    };
    this.chains.push(
      chain.kind === 'tcp' ? { ...chain, match, name: nameOf(match) } : { ...chain, match },
    );
    return true;
  }
}

function keyOf(
  { transport, application }: FilterChainMatch,
  destination: string,
  serverName: string,
): string {
  // A range of one address is that address.
  const place = destination.replace(destination.includes(':') ? /\/128$/ : /\/32$/, '');
  return `${transport} ${application} ${place} ${serverName}`;
}

/**
 * Chooses the filter chain of a connection as Envoy's filter chain manager does: destination,
 * server name, transport, application. What is said more precisely wins at each step, and a step
 * that finds nothing behind it does not go back; what is left then is for the chain that asks for
 * nothing, Envoy's default filter chain.
 */

import { AddressSet, rangeBits } from '../base/address-set.ts';
import type { FilterChainMatch } from '../model/filter-chain.ts';
import type { ActiveFilterChain } from './active-filter-chain.ts';

/** What is known of a connection from its first bytes. */
export interface ConnectionFacts {
  readonly serverName: string | null;
  readonly isTls: boolean;
  /** HTTP/1.1, or HTTP/2 by its preface, in plain text. */
  readonly isHttp: boolean;
}

/** Nobody has looked at a byte. */
const nothingKnown: ConnectionFacts = { serverName: null, isTls: false, isHttp: false };

interface ByApplication {
  http: ActiveFilterChain | null;
  any: ActiveFilterChain | null;
}

interface ByTransport {
  tls: ByApplication | null;
  raw: ByApplication | null;
  any: ByApplication | null;
}

/** The chains for one range of destinations. */
export class DestinationChains {
  /** A ClientHello must be looked for. */
  asksTls: boolean;
  /** The first line of a request must be looked for. */
  asksHttp = false;
  /** By `name`, and by `.suffix` for a wildcard. */
  readonly #exact = new Map<string, ByTransport>();
  readonly #suffixes = new Map<string, ByTransport>();
  #any: ByTransport | null = null;
  readonly #rest: ActiveFilterChain | null;

  /** `rest`: has what no other chain has; null: that is closed. */
  constructor(rest: ActiveFilterChain | null) {
    this.#rest = rest;
    this.asksTls = rest !== null && rest.model.tls !== null;
  }

  /** Of two chains that ask for the same the first one counts. */
  add(chain: ActiveFilterChain): void {
    const { serverNames, transport, application } = chain.model.match;
    this.asksTls ||= serverNames.length > 0 || transport !== null || chain.model.tls !== null;
    this.asksHttp ||= application !== null;
    for (const level of this.#levels(serverNames)) {
      const key = transport ?? 'any';
      level[key] ??= { http: null, any: null };
      level[key][application ?? 'any'] ??= chain;
    }
  }

  choose(facts: ConnectionFacts = nothingKnown): ActiveFilterChain | null {
    return this.#find(facts) ?? this.#rest;
  }

  #find(facts: ConnectionFacts): ActiveFilterChain | null {
    const byTransport = this.#byServerName(facts.serverName);
    if (byTransport === null) return null;
    const byApplication = byTransport[facts.isTls ? 'tls' : 'raw'] ?? byTransport.any;
    if (byApplication === null) return null;
    return (facts.isHttp ? byApplication.http : null) ?? byApplication.any;
  }

  #byServerName(name: string | null): ByTransport | null {
    if (name === null) return this.#any;
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    if (this.#suffixes.size > 0) {
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        const found = this.#suffixes.get(name.slice(dot));
        if (found !== undefined) return found;
      }
    }
    return this.#any;
  }

  #levels(serverNames: readonly string[]): ByTransport[] {
    if (serverNames.length === 0 || serverNames.includes('*')) {
      this.#any ??= newLevel();
      return [this.#any];
    }
    return serverNames.map((name) => {
      const isWildcard = name.startsWith('*.');
      const names = isWildcard ? this.#suffixes : this.#exact;
      const key = isWildcard ? name.slice(1) : name;
      const level = names.get(key) ?? newLevel();
      names.set(key, level);
      return level;
    });
  }
}

function newLevel(): ByTransport {
  return { tls: null, raw: null, any: null };
}

interface DestinationRange {
  readonly bits: number;
  readonly addresses: AddressSet;
  readonly chains: DestinationChains;
}

export class FilterChainMatcher {
  /** The chain of every connection; null: it depends on something. */
  readonly only: ActiveFilterChain | null;
  /** The most precise first. */
  readonly #ranges: readonly DestinationRange[];
  readonly #anywhere: DestinationChains | null;

  constructor(chains: readonly ActiveFilterChain[]) {
    const ranges: DestinationRange[] = [];
    const rest = chains.find(({ model }) => isForAny(model.match)) ?? null;
    let anywhere: DestinationChains | null = null;
    for (const chain of chains) {
      const { destinations } = chain.model.match;
      for (const range of destinations) rangeOf(ranges, range, rest)?.chains.add(chain);
      if (destinations.length > 0) continue;
      anywhere ??= new DestinationChains(rest);
      anywhere.add(chain);
    }
    this.#ranges = ranges.sort((a, b) => b.bits - a.bits);
    this.#anywhere = anywhere;
    this.only = onlyChain(ranges, anywhere);
  }

  /** `address`: where the connection was made to. null: no chain is for that. */
  chainsFor(address: string): DestinationChains | null {
    for (const { addresses, chains } of this.#ranges) if (addresses.has(address)) return chains;
    return this.#anywhere;
  }
}

function isForAny({
  destinations,
  serverNames,
  transport,
  application,
}: FilterChainMatch): boolean {
  const isAnywhere = destinations.length === 0 && serverNames.length === 0;
  return isAnywhere && transport === null && application === null;
}

/** The entry for `range`, however it is spelled; null for what is no range. */
function rangeOf(
  ranges: DestinationRange[],
  range: string,
  rest: ActiveFilterChain | null,
): DestinationRange | null {
  const bits = rangeBits(range);
  if (bits === null) return null;
  const [address = ''] = range.split('/');
  const same = ranges.find((known) => known.bits === bits && known.addresses.has(address));
  if (same !== undefined) return same;
  const added = { bits, addresses: new AddressSet([range]), chains: new DestinationChains(rest) };
  ranges.push(added);
  return added;
}

function onlyChain(
  ranges: readonly DestinationRange[],
  anywhere: DestinationChains | null,
): ActiveFilterChain | null {
  if (ranges.length > 0 || anywhere === null) return null;
  return anywhere.asksTls || anywhere.asksHttp ? null : anywhere.choose();
}

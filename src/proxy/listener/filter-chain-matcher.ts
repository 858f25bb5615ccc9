/**
 * Chooses the filter chain of a connection as Envoy's filter chain manager does: destination,
 * server name, transport, application. What is said more precisely wins at each step, and a step
 * that finds nothing behind it does not go back; what is left then is for the chain that asks for
 * nothing, Envoy's default filter chain.
 */

import { AddressSet, rangeBits } from '../../base/address-set.ts';
import type { FilterChain, FilterChainMatch } from '../../model/filter-chain.ts';
import type { ActiveFilterChain } from './active-filter-chain.ts';

/** What is chosen among: anything that stands for a filter chain of the model. */
interface HasChain {
  readonly model: FilterChain;
}

/** What is known of a connection from its first bytes. */
export interface ConnectionFacts {
  readonly serverName: string | null;
  readonly isTls: boolean;
  /** HTTP/1.1, or HTTP/2 by its preface, in plain text. */
  readonly isHttp: boolean;
}

/** Nobody has looked at a byte. */
const nothingKnown: ConnectionFacts = { serverName: null, isTls: false, isHttp: false };

interface ByApplication<Chain> {
  http: Chain | null;
  any: Chain | null;
}

interface ByTransport<Chain> {
  tls: ByApplication<Chain> | null;
  raw: ByApplication<Chain> | null;
  any: ByApplication<Chain> | null;
}

/** The chains for one range of destinations. */
export class DestinationChains<Chain extends HasChain = ActiveFilterChain> {
  /** A ClientHello must be looked for. */
  asksTls: boolean;
  /** The first line of a request must be looked for. */
  asksHttp = false;
  /** By `name`, and by `.suffix` for a wildcard. */
  readonly #exact = new Map<string, ByTransport<Chain>>();
  readonly #suffixes = new Map<string, ByTransport<Chain>>();
  #any: ByTransport<Chain> | null = null;
  readonly #rest: Chain | null;

  /** `rest`: has what no other chain has; null: that is closed. */
  constructor(rest: Chain | null) {
    this.#rest = rest;
    this.asksTls = rest !== null && rest.model.tls !== null;
  }

  /** Of two chains that ask for the same the first one counts. */
  add(chain: Chain): void {
    const { serverNames, transport, application } = chain.model.match;
    this.asksTls ||= serverNames.length > 0 || transport !== null || chain.model.tls !== null;
    this.asksHttp ||= application !== null;
    for (const level of this.#levels(serverNames)) {
      const key = transport ?? 'any';
      level[key] ??= { http: null, any: null };
      level[key][application ?? 'any'] ??= chain;
    }
  }

  choose(facts: ConnectionFacts = nothingKnown): Chain | null {
    return this.#find(facts) ?? this.#rest;
  }

  #find(facts: ConnectionFacts): Chain | null {
    const byTransport = this.#byServerName(facts.serverName);
    if (byTransport === null) return null;
    const byApplication = byTransport[facts.isTls ? 'tls' : 'raw'] ?? byTransport.any;
    if (byApplication === null) return null;
    return (facts.isHttp ? byApplication.http : null) ?? byApplication.any;
  }

  #byServerName(name: string | null): ByTransport<Chain> | null {
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

  #levels(serverNames: readonly string[]): ByTransport<Chain>[] {
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

function newLevel<Chain>(): ByTransport<Chain> {
  return { tls: null, raw: null, any: null };
}

interface DestinationRange<Chain extends HasChain> {
  readonly bits: number;
  readonly addresses: AddressSet;
  readonly chains: DestinationChains<Chain>;
}

export class FilterChainMatcher<Chain extends HasChain = ActiveFilterChain> {
  /** The chain of every connection; null: it depends on something. */
  readonly only: Chain | null;
  /** The most precise first. */
  readonly #ranges: readonly DestinationRange<Chain>[];
  readonly #anywhere: DestinationChains<Chain> | null;

  constructor(chains: readonly Chain[]) {
    const ranges: DestinationRange<Chain>[] = [];
    const rest = chains.find(({ model }) => isForAny(model.match)) ?? null;
    let anywhere: DestinationChains<Chain> | null = null;
    for (const chain of chains) {
      const { destinations } = chain.model.match;
      for (const range of destinations) rangeOf(ranges, range, rest)?.chains.add(chain);
      if (destinations.length > 0) continue;
      anywhere ??= new DestinationChains<Chain>(rest);
      anywhere.add(chain);
    }
    this.#ranges = ranges.sort((a, b) => b.bits - a.bits);
    this.#anywhere = anywhere;
    this.only = onlyChain(ranges, anywhere);
  }

  /** `address`: where the connection was made to. null: no chain is for that. */
  chainsFor(address: string): DestinationChains<Chain> | null {
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
function rangeOf<Chain extends HasChain>(
  ranges: DestinationRange<Chain>[],
  range: string,
  rest: Chain | null,
): DestinationRange<Chain> | null {
  const bits = rangeBits(range);
  if (bits === null) return null;
  const [address = ''] = range.split('/');
  const same = ranges.find((known) => known.bits === bits && known.addresses.has(address));
  if (same !== undefined) return same;
  const added = {
    bits,
    addresses: new AddressSet([range]),
    chains: new DestinationChains<Chain>(rest),
  };
  ranges.push(added);
  return added;
}

function onlyChain<Chain extends HasChain>(
  ranges: readonly DestinationRange<Chain>[],
  anywhere: DestinationChains<Chain> | null,
): Chain | null {
  if (ranges.length > 0 || anywhere === null) return null;
  return anywhere.asksTls || anywhere.asksHttp ? null : anywhere.choose();
}

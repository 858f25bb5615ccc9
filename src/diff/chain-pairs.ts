/** Which filter chains of two listeners take the same connections, whatever their names are. */

import type { FilterChain } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';
import { FilterChainMatcher } from '../proxy/listener/filter-chain-matcher.ts';
import { connectionClasses } from './connection-classes.ts';
import { destinationClasses } from './destination-classes.ts';

export interface ChainPair {
  /** null: none takes them. Never both. */
  readonly before: FilterChain | null;
  readonly after: FilterChain | null;
  /** In words: `TLS to a.example`, `no TLS`. */
  readonly connections: readonly string[];
  /** That they ask for; null: for others, too. */
  readonly serverNames: readonly string[] | null;
}

/** One of every class of connections is asked of both matchers. */
export function chainPairs(before: Listener, after: Listener): ChainPair[] {
  const listeners = [before, after];
  const begins = connectionClasses(listeners.flatMap(({ filterChains }) => filterChains));
  const [old, now] = listeners.map(
    ({ filterChains }) => new FilterChainMatcher(filterChains.map((model) => ({ model }))),
  );
  const found = new Map<FilterChain | null, Map<FilterChain | null, FoundPair>>();
  for (const { address } of destinationClasses(listeners)) {
    const [ofOld, ofNow] = [old?.chainsFor(address), now?.chainsFor(address)];
    for (const { label, facts, isName } of begins) {
      const one = ofOld?.choose(facts)?.model ?? null;
      const other = ofNow?.choose(facts)?.model ?? null;
      if (one === null && other === null) continue;
      const ofOne = found.get(one) ?? new Map<FilterChain | null, FoundPair>();
      found.set(one, ofOne);
      const pair = ofOne.get(other) ?? { connections: new Set(), names: new Set(), isNamed: true };
      ofOne.set(other, pair);
      pair.connections.add(isName ? `TLS to ${label}` : label);
      if (isName) pair.names.add(label);
      else pair.isNamed = false;
    }
  }
  return [...found].flatMap(([one, others]) =>
    [...others].map(([other, { connections, names, isNamed }]): ChainPair => {
      const serverNames = isNamed ? [...names] : null;
      return { before: one, after: other, connections: [...connections], serverNames };
    }),
  );
}

interface FoundPair {
  readonly connections: Set<string>;
  readonly names: Set<string>;
  /** All of them ask for one of `names`. */
  isNamed: boolean;
}

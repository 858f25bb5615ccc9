/**
 * Which connections two listeners treat differently where bytes are passed on: one of every class
 * of destinations and beginnings is asked of the matcher of filter chains, on both sides.
 */

import type { FilterChain } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';
import { originPlace } from '../model/origin.ts';
import { FilterChainMatcher } from '../proxy/listener/filter-chain-matcher.ts';
import type { AddressClass } from './address-classes.ts';
import { type Behaviour, type Behaviours, describeOutcome, fixedDifferences } from './behaviour.ts';
import { canonicalText } from './canonical.ts';
import { connectionBehaviour } from './connection-behaviour.ts';
import { type ConnectionClass, connectionClasses } from './connection-classes.ts';
import type { ConnectionRegion, ConnectionWay } from './connection-difference.ts';
import { destinationClasses } from './destination-classes.ts';

export interface ConnectionSide {
  readonly listener: Listener;
  readonly behaviours: Behaviours;
}

/** `name`: of both listeners. */
export function compareConnections(
  name: string,
  before: ConnectionSide,
  after: ConnectionSide,
): ConnectionRegion[] {
  const sides = [new Side(before), new Side(after)] as const;
  const chains = sides.flatMap(({ listener }) => listener.filterChains);
  if (chains.every(({ kind }) => kind === 'http')) return [];
  const begins = connectionClasses(chains);
  const places = destinationClasses(sides.map(({ listener }) => listener));
  const byPlace = places.map((place): readonly ConnectionRegion[] => {
    const found = begins.flatMap((begin) => compareClass(name, { place, begin, sides }));
    return merged(found, 'connections', begins.length);
  });
  return merged(byPlace.flat(), 'destinations', places.length);
}

/** Filter chains of one configuration. */
class Side {
  readonly listener: Listener;
  readonly #behaviours: Behaviours;
  readonly #known = new Map<FilterChain | null, Behaviour>();
  readonly #matcher: FilterChainMatcher<{ readonly model: FilterChain }>;

  constructor({ listener, behaviours }: ConnectionSide) {
    this.listener = listener;
    this.#behaviours = behaviours;
    this.#matcher = new FilterChainMatcher(listener.filterChains.map((model) => ({ model })));
  }

  chainOf({ address }: AddressClass, { facts }: ConnectionClass): FilterChain | null {
    return this.#matcher.chainsFor(address)?.choose(facts)?.model ?? null;
  }

  /** Once for each, whatever comes to it. */
  behaviourOf(chain: FilterChain | null): Behaviour {
    const behaviour = this.#known.get(chain) ?? connectionBehaviour(chain, this.#behaviours);
    this.#known.set(chain, behaviour);
    return behaviour;
  }
}

interface Asked {
  readonly place: AddressClass;
  readonly begin: ConnectionClass;
  readonly sides: readonly [Side, Side];
}

function compareClass(name: string, { place, begin, sides }: Asked): ConnectionRegion[] {
  const [old, now] = sides;
  const [before, after] = [old.chainOf(place, begin), now.chainOf(place, begin)];
  // Filter chains for requests are told with the listener.
  if (before?.kind !== 'tcp' && after?.kind !== 'tcp') return [];
  const [was, is] = [old.behaviourOf(before), now.behaviourOf(after)];
  if (was.key === is.key) return [];
  const { serverName } = begin.facts;
  const host = place.label === 'other addresses' ? (serverName ?? place.address) : place.address;
  const { servicePort, port } = now.listener;
  const at = host.includes(':') ? `[${host}]` : host;
  return [
    {
      listener: name,
      connections: [begin.label],
      destinations: [place.label],
      differences: fixedDifferences(was, is),
      example: { to: `${at}:${servicePort === 0 ? port : servicePort}`, serverName },
      old: wayOf(before, describeOutcome(was)),
      new: wayOf(after, describeOutcome(is)),
    },
  ];
}

function wayOf(chain: FilterChain | null, outcome: string): ConnectionWay {
  if (chain === null) return { filterChain: null, place: '', outcome };
  return { filterChain: chain.name, place: originPlace(chain.origin), outcome };
}

/** Joins those that differ in nothing but `axis`; all of its `count` classes are none in particular. */
function merged(
  regions: readonly ConnectionRegion[],
  axis: 'connections' | 'destinations',
  count: number,
): ConnectionRegion[] {
  const groups = Map.groupBy(regions, ({ example: _, ...region }) =>
    canonicalText({ ...region, [axis]: [] }),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const labels = group.flatMap((region) => region[axis]);
    return [{ ...first, [axis]: labels.length === count ? [] : labels }];
  });
}

/**
 * Why a connection has its filter chain, and not another one of its listener. The choice is the
 * matcher's; here are its steps in words: destination, server name, transport, application.
 */

import { AddressSet, rangeBits } from '../base/address-set.ts';
import type { FilterChain, FilterChainMatch } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';
import { describeOrigin } from './describe-origin.ts';
import type { BegunConnection } from './explained-config.ts';
import type { ConsideredFilterChain } from './explained-entry.ts';

/** The connection, with the address that it was made to. */
type Arrived = BegunConnection & { readonly destination: string };

interface Step {
  /** How closely the match fits, from 0 for any; null: not at all. */
  rank(match: FilterChainMatch, arrived: Arrived): number | null;
  /** Why it does not fit. */
  mismatch(match: FilterChainMatch, arrived: Arrived): string;
  /** What one has that fits more closely. */
  readonly closer: string;
}

/** `chosen`: what the matcher answers; null: the connection is closed. */
export function explainFilterChains(
  listener: Listener,
  begun: BegunConnection,
  chosen: FilterChain | null,
): ConsideredFilterChain[] {
  const { reasons } = siftFilterChains(listener, begun);
  return listener.filterChains.map((chain) => {
    const reason = reasons.get(chain) ?? null;
    return {
      name: chain.name,
      kind: chain.kind,
      chosen: chain === chosen,
      match: describeFilterChainMatch(chain.match),
      reason: chain === chosen ? whyChosen(chain, reason) : (reason ?? 'an earlier one is alike'),
      origin: describeOrigin(chain.origin),
    };
  });
}

interface SiftedFilterChains {
  /** That of the connection, as the matcher has it; null: the connection is closed. */
  readonly found: FilterChain | null;
  /** Why each of the others is out; nothing for one that is like an earlier one. */
  readonly reasons: ReadonlyMap<FilterChain, string>;
}

/** By the steps of the matcher, which knows what it finds and not why the others are out. */
export function siftFilterChains(
  { filterChains, address }: Listener,
  begun: BegunConnection,
): SiftedFilterChains {
  const arrived = { ...begun, destination: begun.destination ?? address };
  const reasons = new Map<FilterChain, string>();
  let left: readonly FilterChain[] = filterChains;
  for (const step of steps) left = closest(left, { step, arrived, reasons });
  const rest = filterChains.find(({ match }) => describeFilterChainMatch(match).length === 0);
  return { found: left[0] ?? rest ?? null, reasons };
}

/** The conditions of a filter chain in words; empty: it takes every connection. */
function describeFilterChainMatch(match: FilterChainMatch): string[] {
  const { destinations, serverNames, transport, application } = match;
  const conditions: string[] = [];
  if (destinations.length > 0) conditions.push(`destination ${destinations.join(' or ')}`);
  if (serverNames.length > 0) conditions.push(`server name ${serverNames.join(' or ')}`);
  if (transport !== null) conditions.push(transport === 'tls' ? 'TLS' : 'no TLS');
  if (application !== null) conditions.push('HTTP in plain text');
  return conditions;
}

interface Round {
  readonly step: Step;
  readonly arrived: Arrived;
  /** Why each of them is out. */
  readonly reasons: Map<FilterChain, string>;
}

function closest(chains: readonly FilterChain[], { step, arrived, reasons }: Round): FilterChain[] {
  const ranks = chains.map(({ match }) => step.rank(match, arrived));
  const best = Math.max(...ranks.map((rank) => rank ?? -1));
  const winner = chains[ranks.indexOf(best)];
  chains.forEach(({ match }, index) => {
    const rank = ranks[index] ?? null;
    const chain = chains[index] as FilterChain;
    if (rank === null) reasons.set(chain, step.mismatch(match, arrived));
    else if (rank < best) reasons.set(chain, `${winner?.name} ${step.closer}`);
  });
  return chains.filter((_, index) => ranks[index] === best);
}

/** What nothing is found for goes to the chain that asks for nothing, though a step left it out. */
function whyChosen(chain: FilterChain, lost: string | null): string {
  if (lost !== null) return 'it takes what no other one does';
  const conditions = describeFilterChainMatch(chain.match);
  return conditions.length === 0 ? 'it takes every connection' : conditions.join(', ');
}

const destinationStep: Step = {
  rank({ destinations }, { destination }) {
    if (destinations.length === 0) return 0;
    const bits = destinations
      .filter((range) => new AddressSet([range]).has(destination))
      .map((range) => rangeBits(range) ?? 0);
    return bits.length === 0 ? null : 1 + Math.max(...bits);
  },
  mismatch: ({ destinations }, { destination }) =>
    `the destination is to be ${destinations.join(' or ')}; it is ${destination}`,
  closer: 'has a closer destination',
};

const serverNameStep: Step = {
  rank({ serverNames }, { serverName }) {
    // With `*` among them the other names say nothing.
    if (serverNames.length === 0 || serverNames.includes('*')) return 0;
    const best = Math.max(...serverNames.map((wanted) => rankOfName(wanted, serverName)));
    return best < 0 ? null : best;
  },
  mismatch({ serverNames }, { serverName, isTls }) {
    const none = isTls ? 'there is none' : 'it is no TLS';
    const has = serverName === null ? none : `it is ${serverName}`;
    return `the server name is to be ${serverNames.join(' or ')}; ${has}`;
  },
  closer: 'has a closer server name',
};

/** -1: it is another name. */
function rankOfName(wanted: string, serverName: string | null): number {
  if (serverName === null) return -1;
  if (wanted === serverName) return Number.POSITIVE_INFINITY;
  const isBelow = wanted.startsWith('*.') && serverName.endsWith(wanted.slice(1));
  return isBelow ? wanted.length : -1;
}

const transportStep: Step = {
  rank({ transport }, { isTls }) {
    if (transport === null) return 0;
    return (transport === 'tls') === isTls ? 1 : null;
  },
  mismatch: ({ transport }) =>
    transport === 'tls' ? 'it is to begin with TLS, and does not' : 'it is not to begin with TLS',
  closer: 'asks for how it begins, too',
};

const applicationStep: Step = {
  rank({ application }, { isHttp }) {
    if (application === null) return 0;
    return isHttp ? 1 : null;
  },
  mismatch: () => 'it is to be HTTP in plain text',
  closer: 'asks for HTTP, too',
};

const steps = [destinationStep, serverNameStep, transportStep, applicationStep] as const;

/**
 * Which route tables of two configurations the same requests meet: where TLS ends, by the listener
 * and the server name, since names of tables there come from the names of resources.
 */

import type { FilterChain } from '../model/filter-chain.ts';
import { type ChainPair, chainPairs } from './chain-pairs.ts';
import type { ListenerPair } from './compare-listeners.ts';

export interface TablePair {
  /** What both are called; of two names what they begin with: `https.443`. */
  readonly label: string;
  /** null: none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Only requests for these come to both; null: all hosts do. */
  readonly serverNames: readonly string[] | null;
}

/** `names`: of all tables. Those that no server name leads to are paired by name. */
export function tablePairs(
  names: ReadonlySet<string>,
  listeners: readonly ListenerPair[],
): TablePair[] {
  const met = listeners.flatMap(metTables);
  const paired = new Set(met.flatMap(({ before, after }) => [before, after]));
  const others = [...names].filter((name) => !paired.has(name));
  return [
    ...withoutParts(met),
    ...others.map((name) => ({ label: name, before: name, after: name, serverNames: null })),
  ];
}

function metTables({ before, after }: ListenerPair): TablePair[] {
  if (before === undefined || after === undefined) return [];
  const chains = [...before.filterChains, ...after.filterChains];
  // Elsewhere names come from ports.
  if (!chains.some(({ kind, tls }) => kind === 'http' && tls !== null)) return [];
  const pairs = chainPairs(before, after).map(
    ({ before: one, after: other, serverNames }: ChainPair): TablePair => {
      const [old, now] = [tableOf(one), tableOf(other)];
      return { label: labelOf(old, now), before: old, after: now, serverNames };
    },
  );
  const known = pairs.filter((pair) => pair.before !== null || pair.after !== null);
  return [...Map.groupBy(known, (pair) => `${pair.before} ${pair.after}`).values()].flatMap(joined);
}

/** Of what several filter chains pair. */
function joined(same: readonly TablePair[]): TablePair[] {
  const [first] = same;
  if (first === undefined) return [];
  const isNamed = same.every(({ serverNames }) => serverNames !== null);
  const names = same.flatMap(({ serverNames }) => serverNames ?? []);
  return [{ ...first, serverNames: isNamed ? [...new Set(names)] : null }];
}

/** Two tables that meet no other ones are compared as a whole, and what else comes to them, too. */
function withoutParts(pairs: readonly TablePair[]): TablePair[] {
  const full = pairs.filter(({ before, after }) => before !== null && after !== null);
  const isAlone = (pair: TablePair): boolean =>
    full.every(
      (other) => other === pair || (other.before !== pair.before && other.after !== pair.after),
    );
  const whole = new Set(full.filter(isAlone));
  const olds = new Set([...whole].map(({ before }) => before));
  const news = new Set([...whole].map(({ after }) => after));
  return pairs.flatMap((pair): TablePair[] => {
    if (whole.has(pair)) return [{ ...pair, serverNames: null }];
    const { before, after } = pair;
    const isPart = before === null ? news.has(after) : after === null && olds.has(before);
    if (isPart) return [];
    // Alone on its side, it is told with all of its hosts.
    const meets = full.some((other) => other.before === before || other.after === after);
    const isLost = (before === null || after === null) && !meets;
    return [isLost ? { ...pair, serverNames: null } : pair];
  });
}

function tableOf(chain: FilterChain | null): string | null {
  return chain?.kind === 'http' && chain.routes.kind === 'table' ? chain.routes.name : null;
}

function labelOf(before: string | null, after: string | null): string {
  if (before === null || after === null) return before ?? after ?? '';
  const parts = after.split('.');
  const old = before.split('.');
  const same = parts.findIndex((part, index) => part !== old[index]);
  return same === 0 || same === -1 ? after : parts.slice(0, same).join('.');
}

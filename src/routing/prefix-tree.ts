/** Routes by the text with which their paths begin: a radix tree. */

import { compareText } from '../base/compare-text.ts';
import type { CompiledRoute } from './compiled-route.ts';

export interface PrefixNode {
  /** What this node adds to the text of its parent; empty for the root only. */
  readonly label: string;
  /** Routes for exactly the text down to here, in declared order; null for none. */
  readonly routes: readonly CompiledRoute[] | null;
  /** Lowest position of a route here or further down. */
  readonly firstPosition: number;
  /** By the first character of their labels. */
  readonly children: ReadonlyMap<number, PrefixNode> | null;
}

export interface PrefixEntry {
  readonly prefix: string;
  readonly route: CompiledRoute;
}

/** The root; null if there are no entries. They must be in declared order. */
export function buildPrefixTree(entries: readonly PrefixEntry[]): PrefixNode | null {
  if (entries.length === 0) return null;
  const sorted = entries.toSorted((a, b) => compareText(a.prefix, b.prefix));
  return buildNode(sorted, 0, '');
}

/** `entries` all begin with the text down to this node, `depth` characters, in order of text. */
function buildNode(entries: readonly PrefixEntry[], depth: number, label: string): PrefixNode {
  let here = 0;
  while (here < entries.length && entries[here]?.prefix.length === depth) here++;
  const children = new Map<number, PrefixNode>();
  for (let start = here; start < entries.length; ) {
    const end = endOfGroup(entries, start, depth);
    const group = entries.slice(start, end);
    const common = commonLength(group);
    const { prefix } = group[0] as PrefixEntry;
    children.set(prefix.charCodeAt(depth), buildNode(group, common, prefix.slice(depth, common)));
    start = end;
  }
  return {
    label,
    routes: here === 0 ? null : entries.slice(0, here).map(({ route }) => route),
    firstPosition: firstPositionOf(entries),
    children: children.size === 0 ? null : children,
  };
}

/** Behind the last entry with the same character at `depth` as the one at `start`. */
function endOfGroup(entries: readonly PrefixEntry[], start: number, depth: number): number {
  const first = entries[start]?.prefix.charCodeAt(depth);
  let end = start + 1;
  while (end < entries.length && entries[end]?.prefix.charCodeAt(depth) === first) end++;
  return end;
}

/** How many characters all entries share; in sorted order the ends differ the earliest. */
function commonLength(entries: readonly PrefixEntry[]): number {
  const first = entries[0]?.prefix ?? '';
  const last = entries.at(-1)?.prefix ?? '';
  let length = 0;
  while (length < first.length && first.charCodeAt(length) === last.charCodeAt(length)) length++;
  return length;
}

function firstPositionOf(entries: readonly PrefixEntry[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { route } of entries) first = Math.min(first, route.position);
  return first;
}

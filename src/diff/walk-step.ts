/** The routes that may still take a request of which some parts are known. */

import type { CompiledRoute } from '../routing/compiled-route.ts';
import type { CompiledHeaderMatch } from '../routing/header-match.ts';
import type { Behaviour } from './behaviour.ts';
import type { PartValue } from './request-part.ts';

/** A route as the walk sees it. */
export interface Step {
  readonly compiled: CompiledRoute;
  /** Equal for routes with equal conditions and behaviour. */
  readonly id: string;
  readonly pathKey: string;
  readonly behaviour: Behaviour;
  /** Those that are not settled by the host and the path. */
  readonly asks: readonly { readonly part: string; readonly key: string }[];
  /** Of the path with its query. */
  readonly wholePath: readonly CompiledHeaderMatch[];
}

export type Assignment = ReadonlyMap<string, PartValue>;

interface Remaining {
  /** Those that may still be the first match, down to the first that surely matches. */
  readonly steps: readonly Step[];
  /** For each of them: a part that it asks for and that is not known yet; null: it matches. */
  readonly openParts: readonly (string | null)[];
}

export function remaining(steps: readonly Step[], assignment: Assignment): Remaining {
  const left: Step[] = [];
  const openParts: (string | null)[] = [];
  for (const step of steps) {
    let open: string | null = null;
    let fails = false;
    for (const { part, key } of step.asks) {
      const value = assignment.get(part);
      if (value === undefined) open ??= part;
      else if (!value.holds.has(key)) fails = true;
    }
    if (fails) continue;
    left.push(step);
    openParts.push(open);
    if (open === null) break;
  }
  return { steps: left, openParts };
}

/** How many of the first steps are the same on both sides. */
export function commonLength(before: readonly Step[], after: readonly Step[]): number {
  const shorter = Math.min(before.length, after.length);
  let length = 0;
  while (length < shorter && before[length]?.id === after[length]?.id) length++;
  return length;
}

/** Of all that these steps ask for. */
export function keysOf(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(steps.flatMap(({ asks }) => asks.map(({ key }) => key)));
}

/** Equal where the same steps are left and the same of their parts are known. */
export function stateText(
  before: readonly Step[],
  after: readonly Step[],
  assignment: Assignment,
): string {
  const places = [before, after].map((steps) => steps.map(({ compiled }) => compiled.position));
  const asks = [...before, ...after].flatMap((step) => step.asks.map(({ part }) => part));
  const known = [...new Set(asks)].filter((part) => assignment.has(part));
  return JSON.stringify([places, known]);
}

/** Which of a part's conditions matter, and how. */
export interface AskedKeys {
  /** Every combination of these is tried. */
  readonly differing: ReadonlySet<string>;
  /** Of steps that both sides have first, and that therefore had better not match. */
  readonly common: ReadonlySet<string>;
}

/**
 * One for each combination of the conditions that differ; of those with the same combination, the
 * ones with the fewest of the common conditions: where others let a common step fail, these do.
 */
export function distinctValues(
  values: readonly PartValue[],
  { differing, common }: AskedKeys,
): readonly PartValue[] {
  const groups = Map.groupBy(values, ({ holds }) =>
    [...holds].filter((key) => differing.has(key)).join('\n'),
  );
  return [...groups.values()].flatMap((group) => fewest(group, common));
}

function fewest(values: readonly PartValue[], common: ReadonlySet<string>): PartValue[] {
  const distinct = new Map<string, PartValue>();
  for (const value of values) {
    const held = [...value.holds].filter((key) => common.has(key));
    if (held.length === 0) return [value];
    const key = held.join('\n');
    if (!distinct.has(key)) distinct.set(key, value);
  }
  return [...distinct.values()];
}

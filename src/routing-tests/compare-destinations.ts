/** Compares lists of destinations: of a route, with their shares, or of mirrors. */

import type { HttpMirrorPolicy, HttpRouteDestination } from '../config/schema/virtual-service.ts';
import { compareBlock } from './compare-block.ts';
import { formatDestination, isSameDestination } from './destination.ts';
import { type Difference, differs } from './difference.ts';

/** Of a route it has a weight, of mirrors a percentage. */
type Entry = HttpRouteDestination & Pick<HttpMirrorPolicy, 'percentage'>;

/** In any order; each must have its counterpart. */
export function compareDestinations(
  field: string,
  expected: readonly Entry[],
  actual: readonly Entry[],
): readonly Difference[] {
  const left = [...actual];
  const missing: Entry[] = [];
  const ofPairs: Difference[] = [];
  for (const [index, entry] of withShares(expected).entries()) {
    const at = left.findIndex((one) => isSameDestination(entry.destination, one.destination));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found === undefined) missing.push(entry);
    else ofPairs.push(...comparePair(`${field}[${index}]`, entry, found));
  }
  const gaps = Array.from({ length: Math.max(missing.length, left.length) }, (_, index) =>
    differs(field, format(missing[index]), format(left[index])),
  );
  return [...gaps.flat(), ...ofPairs];
}

/** Weights as percentages; where some have none, those get nothing, as in Istio. */
function withShares(entries: readonly Entry[]): readonly Entry[] {
  const isShared = entries.length > 1 && entries.some(({ weight }) => weight !== undefined);
  if (!isShared) return entries.map(({ weight: _, ...entry }) => entry);
  const total = entries.reduce((sum, { weight = 0 }) => sum + weight, 0);
  return entries
    .filter(({ weight = 0 }) => weight > 0)
    .map((entry) => ({ ...entry, weight: (100 * (entry.weight ?? 0)) / total }));
}

function comparePair(field: string, expected: Entry, actual: Entry): readonly Difference[] {
  const { weight, headers, percentage } = expected;
  return [
    ...(weight === undefined
      ? []
      : differs(`${field}.weight`, percent(weight), percent(actual.weight ?? 0))),
    ...(headers === undefined ? [] : compareBlock(`${field}.headers`, headers, actual.headers)),
    ...(percentage === undefined
      ? []
      : differs(
          `${field}.percentage`,
          percent(percentage.value ?? 0),
          percent(actual.percentage?.value ?? 0),
        )),
  ];
}

function percent(share: number): string {
  return `${Number(share.toFixed(4))} %`;
}

function format(entry: Entry | undefined): string | null {
  return entry === undefined ? null : formatDestination(entry.destination);
}

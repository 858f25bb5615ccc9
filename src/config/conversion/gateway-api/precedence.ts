/**
 * Which of several rules for one host decides, as the Gateway API orders them: the rules of all
 * routes together become one list of which the first match counts.
 */

import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import type { MadeRule } from './made-rule.ts';

/** Rules that are equal keep the order they have: that of their routes, and of the rules there. */
export function inPrecedence(rules: readonly MadeRule[]): MadeRule[] {
  return [...rules].sort((a, b) => comparePrecedence(matchOf(a), matchOf(b)));
}

/** A made rule has one match at most; one without takes what all others leave. */
function matchOf({ spec }: MadeRule): HttpMatchRequest | null {
  return spec.match?.[0] ?? null;
}

function comparePrecedence(a: HttpMatchRequest | null, b: HttpMatchRequest | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const pathA = pathOf(a);
  const pathB = pathOf(b);
  return (
    pathB.rank - pathA.rank ||
    pathB.length - pathA.length ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    countOf(b.headers) - countOf(a.headers) ||
    countOf(b.queryParams) - countOf(a.queryParams)
  );
}

/** Exact before prefix before regex, then the longer one; Istio measures patterns, too. */
function pathOf({ uri }: HttpMatchRequest): { readonly rank: number; readonly length: number } {
  if (uri?.exact !== undefined) return { rank: 3, length: uri.exact.length };
  if (uri?.prefix !== undefined) return { rank: 2, length: uri.prefix.length };
  if (uri?.regex !== undefined) return { rank: 1, length: uri.regex.length };
  return { rank: 0, length: 0 };
}

function countOf(conditions: Readonly<Record<string, unknown>> | undefined): number {
  return Object.keys(conditions ?? {}).length;
}

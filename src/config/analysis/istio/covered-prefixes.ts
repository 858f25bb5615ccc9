/**
 * IST0131 for matches by prefix: an earlier prefix covers a later one, and the other conditions of
 * the earlier match are no narrower, as Istio compares them.
 */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import type { Loose, ReadResources } from '../../read-resources.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { matchMeaning } from './match-meaning.ts';

type VirtualService = ReadResources['virtualServices'][number];
type Matcher = Loose<StringMatch> | undefined;
type Matchers = Readonly<Record<string, Matcher>> | undefined;

interface PrefixMatch {
  readonly path: Path;
  readonly prefix: string;
  readonly match: Loose<HttpMatchRequest>;
}

/** Earlier matches of one prefix that are compared with a later one. */
const candidatesMax = 1_000;

/** What several matches of one prefix cover is told once. */
export function* coveredPrefixes(resource: VirtualService): Iterable<AnalyzerFinding> {
  const earlierByPrefix = new Map<string, PrefixMatch[]>();
  const lengths = new Set<number>();
  for (const later of prefixMatches(resource)) {
    for (const length of lengths) {
      if (length >= later.prefix.length) continue;
      const candidates = earlierByPrefix.get(later.prefix.slice(0, length)) ?? [];
      const earlier = candidates.find(({ match }) => isNoNarrower(match, later.match));
      if (earlier !== undefined) yield coveredBy(earlier, later, resource);
    }
    const others = earlierByPrefix.get(later.prefix) ?? [];
    if (others.length < candidatesMax) others.push(later);
    earlierByPrefix.set(later.prefix, others);
    lengths.add(later.prefix.length);
  }
}

function coveredBy(
  earlier: PrefixMatch,
  later: PrefixMatch,
  resource: VirtualService,
): AnalyzerFinding {
  return {
    code: findingCode.ineffectiveMatch,
    resource,
    path: later.path,
    message: `the prefix ${earlier.prefix} of an earlier match covers ${later.prefix}`,
    hint: 'put the longer prefix first',
  };
}

/** A match that was there before is told as that. */
function prefixMatches({ spec }: VirtualService): PrefixMatch[] {
  const found: PrefixMatch[] = [];
  const seen = new Set<string>();
  for (const [rule, { match: matches = [] }] of (spec.http ?? []).entries()) {
    // Nothing after a rule without a match is reached at all.
    if (matches.length === 0) break;
    for (const [index, match] of matches.entries()) {
      const prefix = match.uri?.prefix ?? '';
      const text = matchMeaning(match);
      if (prefix === '' || seen.has(text)) continue;
      seen.add(text);
      found.push({ path: ['spec', 'http', rule, 'match', index], prefix, match });
    }
  }
  return found;
}

/** Istio takes a match without a method for one of GET. */
const anyMethod: Matcher = { exact: 'GET' };

function isNoNarrower(earlier: Loose<HttpMatchRequest>, later: Loose<HttpMatchRequest>): boolean {
  return (
    (earlier.port ?? 0) === (later.port ?? 0) &&
    isWithin(orGet(earlier.method), orGet(later.method)) &&
    isWithin(earlier.authority, later.authority) &&
    areWithin(earlier.headers, later.headers) &&
    areWithin(earlier.queryParams, later.queryParams) &&
    areWithin(earlier.withoutHeaders, later.withoutHeaders)
  );
}

function orGet(method: Matcher): Matcher {
  return comparable(method) === '' ? anyMethod : method;
}

function areWithin(earlier: Matchers = {}, later: Matchers = {}): boolean {
  const names = Object.keys(earlier);
  return (
    names.length === Object.keys(later).length &&
    names.every((name) => name in later && isWithin(earlier[name], later[name]))
  );
}

/** Also what begins in the same way counts. */
function isWithin(earlier: Matcher, later: Matcher): boolean {
  return comparable(earlier).startsWith(comparable(later));
}

/** Regular expressions are not compared. */
function comparable({ exact = '', prefix = '' }: NonNullable<Matcher> = {}): string {
  if (exact !== '') return `exact ${exact}`;
  return prefix === '' ? '' : `prefix ${prefix}`;
}

/** Conditions on paths as HTTPRoute can say them, and what of them it cannot. */

import { isDeepStrictEqual } from '../base/node-util.ts';
import type { HttpMatchRequest, HttpRoute } from '../config/schema/virtual-service.ts';
import type { LossText } from './conversion-losses.ts';
import { lenientField } from './leniency-for.ts';
import { newPrefix, type PrefixPattern, prefixPattern } from './path-shape.ts';
import { hasPlainPrefixes } from './plain-rules.ts';

export interface HttpRoutePath {
  readonly match: HttpMatchRequest;
  /** Where a pattern became a prefix. */
  readonly pattern: PrefixPattern | null;
  readonly losses: readonly LossText[];
}

const letterCase: LossText = {
  what: 'that a path may be written in upper or lower case',
  fields: [lenientField.letterCase],
};

/** `/foo` and all below `/foo/` together are what HTTPRoute calls a prefix. */
export function httpRoutePaths(
  matches: readonly HttpMatchRequest[],
  rule: HttpRoute,
): HttpRoutePath[] {
  const joined = new Set<HttpMatchRequest>();
  const paths = matches.map((match) => {
    const itself = matches.find((other) => isPathOf(other, match));
    if (itself === undefined || newPrefixIsGlued(rule)) return httpRoutePath(match, rule);
    joined.add(itself);
    const { ignoreUriCase = false, ...rest } = match;
    const uri = { prefix: match.uri?.prefix?.slice(0, -1) ?? '' };
    const losses = ignoreUriCase ? [letterCase] : [];
    return { match: { ...rest, uri }, pattern: null, losses };
  });
  return paths.filter((_, index) => !joined.has(matches[index] ?? {}));
}

/** Whether `itself` is for the path of which `below` has what is below it. */
function isPathOf(itself: HttpMatchRequest, below: HttpMatchRequest): boolean {
  const { uri: path = {}, ...conditions } = itself;
  const { uri: prefix = {}, ...others } = below;
  if (path.exact === undefined || prefix.prefix !== `${path.exact}/`) return false;
  return isDeepStrictEqual(conditions, others);
}

/** What takes the place of `/foo/` must end with a slash, too, to take that of `/foo`. */
function newPrefixIsGlued({ rewrite }: HttpRoute): boolean {
  return rewrite?.uri !== undefined && !rewrite.uri.endsWith('/');
}

/** Patterns that mean a prefix become one: that is what HTTPRoute can take away from a path. */
function httpRoutePath(match: HttpMatchRequest, rule: HttpRoute): HttpRoutePath {
  const { ignoreUriCase = false, ...rest } = match;
  const { regex, prefix } = match.uri ?? {};
  if (regex !== undefined) {
    const pattern = prefixPattern(regex);
    const rewriting = pattern === null ? null : rewritingPattern(pattern, rule);
    if (pattern === null || rewriting === null) return { match: rest, pattern: null, losses: [] };
    const losses = pattern.ignoresCase ? [letterCase] : [];
    return { match: { ...rest, uri: { prefix: pattern.prefix } }, pattern: rewriting, losses };
  }
  const losses = ignoreUriCase ? [letterCase] : [];
  const isWord = prefix !== undefined && !['', '/'].includes(prefix) && hasPlainPrefixes(rule);
  if (isWord) losses.push(wordLoss(prefix));
  return { match: rest, pattern: null, losses };
}

/** The pattern by which the rule takes the prefix away, if it does; null where it cannot be kept. */
function rewritingPattern(pattern: PrefixPattern, { rewrite }: HttpRoute): PrefixPattern | null {
  const { match, rewrite: substitution } = rewrite?.uriRegexRewrite ?? {};
  if (match === undefined || substitution === undefined) return pattern;
  const rewriting = prefixPattern(match);
  if (rewriting === null || rewriting.prefix !== pattern.prefix) return null;
  return newPrefix(rewriting, substitution) === null ? null : rewriting;
}

function wordLoss(prefix: string): LossText {
  const fields = [lenientField.words];
  if (!prefix.endsWith('/'))
    return { what: `that ${prefix} is a prefix of ${prefix}bar, too`, fields };
  return { what: `that ${prefix} has nothing to do with ${prefix.slice(0, -1)}`, fields };
}

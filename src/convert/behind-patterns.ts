/**
 * The Gateway API asks patterns after all prefixes. A prefix that an Ingress asks after a pattern
 * becomes a pattern, too, where requests could be for both.
 */

import type { StringMatch } from '../config/schema/shared.ts';
import type { HttpMatchRequest, HttpRoute } from '../config/schema/virtual-service.ts';
import { httpRoutePaths } from './http-route-path.ts';
import type { PlacedRule } from './made-hosts.ts';
import { quotedPattern } from './path-shape.ts';
import { hasPlainPrefixes } from './plain-rules.ts';

/** `rules` in their order. */
export function behindPatterns(rules: readonly PlacedRule[]): PlacedRule[] {
  const starts: string[] = [];
  return rules.map((rule) => {
    const { match = [] } = rule.spec;
    const changed = replacesPrefix(rule.spec)
      ? match
      : match.map((one) => (isBehind(one, starts) ? asPattern(one, rule.spec) : one));
    const spec = { ...rule.spec, match: changed };
    for (const { match: said } of httpRoutePaths(changed, spec)) {
      if (said.uri?.regex !== undefined) starts.push(plainStart(said.uri.regex));
    }
    return { ...rule, spec };
  });
}

/** Of a pattern no prefix can be replaced. */
function replacesPrefix({ rewrite, redirect }: HttpRoute): boolean {
  return (rewrite?.uri ?? redirect?.prefixRewrite) !== undefined;
}

/** Whether a path may be for the match and for a pattern that begins with one of the texts. */
function isBehind({ uri = {} }: HttpMatchRequest, starts: readonly string[]): boolean {
  if (uri.regex !== undefined) return false;
  const own = (uri.exact ?? uri.prefix ?? '').toLowerCase();
  return starts.some((start) => start.startsWith(own) || own.startsWith(start));
}

/** What every path begins with that the pattern matches, in lower case. */
function plainStart(pattern: string): string {
  const text = pattern.replace(/^\(\?i\)/, '').replace(/^\^/, '');
  const [start = ''] = /^[^\\^$.*+?()[\]{}|]*/.exec(text) ?? [];
  // An alternative may begin otherwise, and the sign before `*`, `?` or `{` may not be there.
  if (hasAlternatives(text)) return '';
  return (/^[*?{]/.test(text.slice(start.length)) ? start.slice(0, -1) : start).toLowerCase();
}

/** Outside all groups. */
function hasAlternatives(pattern: string): boolean {
  let outside = pattern.replaceAll(/\\./g, '');
  for (let inside = ''; inside !== outside; ) {
    inside = outside;
    outside = outside.replaceAll(/\([^()]*\)/g, '');
  }
  return outside.includes('|');
}

function asPattern({ ignoreUriCase = false, ...match }: HttpMatchRequest, rule: HttpRoute) {
  const pattern = patternOf(match.uri ?? {}, rule);
  return { ...match, uri: { regex: `${ignoreUriCase ? '(?i)' : ''}${pattern}` } };
}

function patternOf({ exact, prefix = '/' }: StringMatch, rule: HttpRoute): string {
  if (exact !== undefined) return quotedPattern(exact);
  if (hasPlainPrefixes(rule)) return `${quotedPattern(prefix)}.*`;
  const segments = prefix.replace(/\/$/, '');
  return segments === '' ? '/.*' : `${quotedPattern(segments)}(?:|/.*)`;
}

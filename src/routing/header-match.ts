/** A header condition of a route, made ready for matching. */

import { unreachable } from '../base/assert.ts';
import type { HeaderMatch } from '../model/route-match.ts';
import type { RouteRequest } from './route-request.ts';
import { compileStringMatch, type StringMatcher } from './string-match.ts';

type HeaderSource = 'header' | 'method' | 'authority' | 'scheme' | 'path';

export interface CompiledHeaderMatch {
  readonly model: HeaderMatch;
  /** Lower case. */
  readonly name: string;
  readonly source: HeaderSource;
  /** null: the header must be there, whatever its value. */
  readonly matches: StringMatcher | null;
  readonly invert: boolean;
  readonly treatMissingAsEmpty: boolean;
}

/** Names for parts of the request line. Envoy takes `host` for the authority too. */
const pseudoHeaders: ReadonlyMap<string, HeaderSource> = new Map([
  [':method', 'method'],
  [':authority', 'authority'],
  ['host', 'authority'],
  [':scheme', 'scheme'],
  [':path', 'path'],
]);

export function compileHeaderMatch(model: HeaderMatch): CompiledHeaderMatch {
  const { match } = model;
  return {
    model,
    name: model.name,
    source: pseudoHeaders.get(model.name) ?? 'header',
    matches: match.kind === 'present' ? null : compileStringMatch(match),
    invert: model.invert,
    treatMissingAsEmpty: model.treatMissingAsEmpty,
  };
}

export function headerMatches(match: CompiledHeaderMatch, request: RouteRequest): boolean {
  if (match.source === 'header') return linesMatch(match, request.headers.flat);
  const { matches } = match;
  return (matches === null || matches(pseudoHeader(match.source, request))) !== match.invert;
}

/** Lines of one name are compared each for itself, never joined; one that matches is enough. */
function linesMatch(match: CompiledHeaderMatch, flat: readonly string[]): boolean {
  const { name, matches } = match;
  let found = false;
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== name) continue;
    if (matches === null || matches(flat[i + 1] as string)) return !match.invert;
    found = true;
  }
  if (found || matches === null) return match.invert;
  return match.treatMissingAsEmpty && matches('') !== match.invert;
}

/** The value of a part of the request line. */
export function pseudoHeader(source: HeaderSource, request: RouteRequest): string {
  switch (source) {
    case 'method':
      return request.method;
    case 'authority':
      return request.authority;
    case 'scheme':
      return request.scheme;
    case 'path':
      return request.path;
    case 'header':
      return '';
    default:
      return unreachable(source);
  }
}

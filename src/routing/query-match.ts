/** A query parameter condition of a route, made ready for matching. */

import { wireFromUnicode } from '../base/wire-text.ts';
import type { QueryParameterMatch } from '../model/route-match.ts';
import { findQueryParameter } from './query-string.ts';
import { compileStringMatch, type StringMatcher } from './string-match.ts';

export interface CompiledQueryMatch {
  readonly model: QueryParameterMatch;
  readonly name: string;
  readonly matches: StringMatcher;
}

export function compileQueryMatch(model: QueryParameterMatch): CompiledQueryMatch {
  return { model, name: wireFromUnicode(model.name), matches: compileStringMatch(model.match) };
}

export function queryMatches(match: CompiledQueryMatch, query: string | null): boolean {
  const value = findQueryParameter(query, match.name);
  return value !== null && match.matches(value);
}

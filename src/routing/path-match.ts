/** The path condition of a route, made ready for matching. */

import { unreachable } from '../base/assert.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import type { PathMatch } from '../model/route-match.ts';
import { compileRegex, type Regex } from './regex.ts';

export interface CompiledPathMatch {
  readonly kind: PathMatch['kind'];
  /** As compared: in lower case where case does not count. */
  readonly value: string;
  /** Last character of `value`; NaN where that is empty. */
  readonly lastCode: number;
  readonly ignoreCase: boolean;
  /** null for other kinds, and for a regex that is not valid RE2: it matches nothing. */
  readonly regex: Regex | null;
}

const slash = 0x2f;

export function compilePathMatch(match: PathMatch): CompiledPathMatch {
  const { kind } = match;
  const ignoreCase = match.ignoreCase && kind !== 'regex';
  const bytes = wireFromUnicode(match.value);
  const value = ignoreCase ? bytes.toLowerCase() : bytes;
  return {
    kind,
    value,
    lastCode: value.charCodeAt(value.length - 1),
    ignoreCase,
    regex: kind === 'regex' ? compileRegex(match.value) : null,
  };
}

/** `pathname` is the path without its query. */
export function pathMatches(match: CompiledPathMatch, pathname: string): boolean {
  const path = match.ignoreCase ? pathname.toLowerCase() : pathname;
  const { value } = match;
  switch (match.kind) {
    case 'prefix':
      return hasPrefix(match, path);
    case 'exact':
      return path === value;
    case 'regex':
      return match.regex?.test(path) === true;
    case 'path-separated-prefix':
      return (
        hasPrefix(match, path) &&
        (path.length === value.length || path.charCodeAt(value.length) === slash)
      );
    default:
      return unreachable(match.kind);
  }
}

/** Looking at one character first rejects most paths without a call (bench/micro/routing.ts). */
function hasPrefix({ value, lastCode }: CompiledPathMatch, path: string): boolean {
  if (value === '') return true;
  return path.charCodeAt(value.length - 1) === lastCode && path.startsWith(value);
}

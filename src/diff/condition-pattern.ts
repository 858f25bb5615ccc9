/** The texts that a condition of a route lets pass, as a pattern. */

import { unreachable } from '../base/assert.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import type { PathMatch, StringMatch } from '../model/route-match.ts';
import { anyText, choice, literal, type Pattern, sequence } from './pattern.ts';
import { parseRegexPattern } from './regex-pattern.ts';

/** null: a regular expression that cannot be looked into. */
export function stringPattern(match: StringMatch): Pattern | null {
  switch (match.kind) {
    case 'present':
      return anyText;
    case 'exact':
      return literal(wireFromUnicode(match.value));
    case 'prefix':
      return sequence(literal(wireFromUnicode(match.value)), anyText);
    case 'suffix':
      return sequence(anyText, literal(wireFromUnicode(match.value)));
    case 'regex':
      return parseRegexPattern(match.value);
    default:
      return unreachable(match);
  }
}

/** null: a regular expression that cannot be looked into. */
export function pathPattern({ kind, value, ignoreCase }: PathMatch): Pattern | null {
  const text = literal(wireFromUnicode(value), ignoreCase);
  switch (kind) {
    case 'exact':
      return text;
    case 'prefix':
      return sequence(text, anyText);
    case 'path-separated-prefix':
      return choice(text, sequence(text, literal('/'), anyText));
    case 'regex':
      return parseRegexPattern(value);
    default:
      return unreachable(kind);
  }
}

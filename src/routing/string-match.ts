/** How one string of a request is compared with the configuration. */

import { unreachable } from '../base/assert.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import type { StringMatch } from '../model/route-match.ts';
import { compileRegex } from './regex.ts';

/** `value` holds bytes (Latin-1), as header values and paths do. */
export type StringMatcher = (value: string) => boolean;

/** A regex that is not valid RE2, which validation reports, matches nothing. */
export function compileStringMatch(match: StringMatch): StringMatcher {
  switch (match.kind) {
    case 'present':
      return () => true;
    case 'exact': {
      const wanted = wireFromUnicode(match.value);
      return (value) => value === wanted;
    }
    case 'prefix': {
      const wanted = wireFromUnicode(match.value);
      return (value) => value.startsWith(wanted);
    }
    case 'suffix': {
      const wanted = wireFromUnicode(match.value);
      return (value) => value.endsWith(wanted);
    }
    case 'regex': {
      const regex = compileRegex(match.value);
      return regex === null ? () => false : (value) => regex.test(value);
    }
    default:
      return unreachable(match);
  }
}

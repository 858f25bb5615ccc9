/** How one string of a request is compared with the configuration. */

import { unreachable } from '../base/assert.ts';
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
      const wanted = bytesOf(match.value);
      return (value) => value === wanted;
    }
    case 'prefix': {
      const wanted = bytesOf(match.value);
      return (value) => value.startsWith(wanted);
    }
    case 'suffix': {
      const wanted = bytesOf(match.value);
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

/** Text of the configuration as it comes over the wire: the bytes of its UTF-8 form. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

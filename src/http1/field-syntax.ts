/**
 * Syntax of single names and values. Everything that enters a header list from elsewhere than the
 * parser (configuration above all) is checked with these once, so that the writer need not.
 */

import { isAll, tokenChar, valueChar } from './char-table.ts';

/** A token (RFC 9110 section 5.1). */
export function isFieldName(text: string): boolean {
  return text.length > 0 && isAll(text, tokenChar);
}

/** No CR, LF, NUL or other control character but HTAB, and nothing above U+00FF. */
export function isFieldValue(text: string): boolean {
  return isAll(text, valueChar);
}

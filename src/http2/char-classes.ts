/** Bytes that names, values and pseudo-header fields may have, as lookup tables. */

import { byteFlags } from '../base/byte-flags.ts';

/** A token (RFC 9110, section 5.6.2) in lower case (RFC 9113, section 8.2.1). */
export const nameChar: Uint8Array = byteFlags(/[!#$%&'*+\-.^_`|~0-9a-z]/);

/** RFC 9110, section 5.5: HTAB, and everything that is no control byte. */
export const valueChar: Uint8Array = byteFlags(/[\t\x20-\x7e\x80-\xff]/);

/** RFC 9110, section 9.1: a token. */
export const methodChar: Uint8Array = byteFlags(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/);

/** RFC 3986, section 3.1; the first is a letter. */
export const schemeChar: Uint8Array = byteFlags(/[A-Za-z0-9+\-.]/);

/** Visible ASCII, like Envoy. */
export const pathChar: Uint8Array = byteFlags(/[\x21-\x7e]/);

/** RFC 3986, host and port; user information must not be there (RFC 9113, section 8.3.1). */
export const authorityChar: Uint8Array = byteFlags(/[A-Za-z0-9\-._~%!$&'()[\]*+,;=:]/);

/** True if `text` is not empty, and all of it in the table. */
export function isMadeOf(text: string, chars: Uint8Array): boolean {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    if (chars[text.charCodeAt(i)] !== 1) return false;
  }
  return length > 0;
}

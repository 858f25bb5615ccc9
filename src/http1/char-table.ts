/** Character classes of HTTP/1.1, as lookup tables over bytes. */

import { byteFlags } from '../base/byte-flags.ts';

/** RFC 9110 section 5.6.2: tchar, of methods, field names and chunk extension names. */
export const tokenChar: Uint8Array = byteFlags(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/);

/** RFC 9110 section 5.5: field-vchar, obs-text, SP and HTAB; no other control byte. */
export const valueChar: Uint8Array = byteFlags(/[\t\x20-\x7e\x80-\xff]/);

/** What a request target may hold besides its form: visible ASCII, like Envoy. */
export const targetChar: Uint8Array = byteFlags(/[\x21-\x7e]/);

/** Host and authority: RFC 3986 host, port and userinfo bytes, as Envoy's authorityIsValid. */
export const authorityChar: Uint8Array = byteFlags(/[A-Za-z0-9\-._~%!$&'()[\]*+,;=:@]/);

/** True if every character of `text` is in the table (and therefore below 256). */
export function isAll(text: string, chars: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) {
    if (chars[text.charCodeAt(i)] !== 1) return false;
  }
  return true;
}

/** Strings in the Huffman code of HPACK: how long they become, and their bytes. */

import { codeLengths, codes } from './huffman-code.ts';

/** Codes are added whole up to here: with fifteen bits that wait they fit into 32. */
const shortBits = 15;

/** Of short codes `code << 4 | length`, so that one look is enough; 0 of longer ones. */
const shortCodes: Uint32Array = codes.map((code, symbol) => {
  const length = codeLengths[symbol] as number;
  return length <= shortBits ? (code << 4) | length : 0;
});

/** Bytes of `text` (latin-1) when coded, padding included. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    bits += codeLengths[text.charCodeAt(i) & 0xff] as number;
  }
  return (bits + 7) >>> 3;
}

/**
 * Writes `text` (latin-1) into `target` at `offset`; gives the offset behind it, or -1 where it is
 * not shorter than the plain text. Before that is known, up to five bytes more than that are
 * written.
 */
export function huffmanEncode(text: string, target: Uint8Array, offset: number): number {
  const limit = offset + text.length;
  let at = offset;
  // The low `waiting` bits are not written yet, at most fifteen when a symbol begins: writing two
  // bytes at a time takes half the branches.
  let bits = 0;
  let waiting = 0;
  for (let i = 0; i < text.length && at < limit; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    const short = shortCodes[symbol] as number;
    if (short !== 0) {
      bits = (bits << (short & 15)) | (short >>> 4);
      waiting += short & 15;
    } else {
      const code = codes[symbol] as number;
      const upper = (codeLengths[symbol] as number) - shortBits;
      bits = (bits << upper) | (code >>> shortBits);
      waiting += upper;
      if (waiting >= 16) {
        waiting -= 16;
        target[at++] = bits >>> (waiting + 8);
        target[at++] = bits >>> waiting;
      }
      bits = (bits << shortBits) | (code & 0x7fff);
      waiting += shortBits;
    }
    if (waiting >= 16) {
      waiting -= 16;
      target[at++] = bits >>> (waiting + 8);
      target[at++] = bits >>> waiting;
    }
  }
  if (waiting >= 8) {
    waiting -= 8;
    target[at++] = bits >>> waiting;
  }
  // The end of string begins with ones (RFC 7541 section 5.2).
  if (waiting > 0) target[at++] = (bits << (8 - waiting)) | (0xff >>> waiting);
  return at < limit ? at : -1;
}

/** Strings in the Huffman code of HPACK: how long they become, and their bytes. */

import { codeLengths, codes } from './huffman-code.ts';

/** Bytes of `text` (latin-1) when coded, padding included. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    bits += codeLengths[text.charCodeAt(i) & 0xff] as number;
  }
  return (bits + 7) >>> 3;
}

/** Writes `text` (latin-1) into `target` at `offset`; gives the offset behind it. */
export function huffmanEncode(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  // The low `waiting` bits of `bits` are not written yet: at most seven when a symbol begins.
  let bits = 0;
  let waiting = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    const code = codes[symbol] as number;
    let length = codeLengths[symbol] as number;
    if (length > 16) {
      // In two parts, or the rarest codes would not fit into 32 bits beside what waits.
      length -= 16;
      bits = (bits << length) | (code >>> 16);
      waiting += length;
      // biome-ignore format: a line for each part
      while (waiting >= 8) { waiting -= 8; target[at++] = bits >>> waiting; }
      length = 16;
    }
    bits = (bits << length) | (code & 0xffff);
    waiting += length;
    while (waiting >= 8) {
      waiting -= 8;
      target[at++] = bits >>> waiting;
    }
  }
  // The end of string begins with ones (RFC 7541 section 5.2).
  if (waiting > 0) target[at++] = (bits << (8 - waiting)) | (0xff >>> waiting);
  return at;
}

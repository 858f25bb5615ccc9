/** The two primitive types of HPACK, written into a buffer (RFC 7541 section 5). */

import { huffmanEncode, huffmanLength } from './huffman-encoder.ts';

/** Bytes that an integer below 2^28 takes at most. */
export const integerBytesMax = 6;

/** A call into the runtime costs more than writing so many characters one by one. */
const shortText = 16;

/** An integer being written: the bits before it in its first byte, and those that are its own. */
export interface IntegerForm {
  readonly pattern: number;
  readonly prefix: number;
}

const plainLength: IntegerForm = { pattern: 0, prefix: 0x7f };
const codedLength: IntegerForm = { pattern: 0x80, prefix: 0x7f };

/** Writes `value` into `target` at `offset`; gives the offset behind it. */
export function writeInteger(
  form: IntegerForm,
  value: number,
  target: Buffer,
  offset: number,
): number {
  let at = offset;
  if (value < form.prefix) {
    target[at++] = form.pattern | value;
    return at;
  }
  target[at++] = form.pattern | form.prefix;
  let rest = value - form.prefix;
  while (rest >= 0x80) {
    target[at++] = 0x80 | (rest & 0x7f);
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/**
 * Writes `text` (latin-1) into `target` at `offset`, in the Huffman code where that is shorter;
 * gives the offset behind it.
 */
export function writeString(text: string, target: Buffer, offset: number): number {
  const coded = writeCoded(text, target, offset);
  if (coded >= 0) return coded;
  let at = writeInteger(plainLength, text.length, target, offset);
  if (text.length > shortText) return at + target.write(text, at, 'latin1');
  for (let i = 0; i < text.length; i++) target[at++] = text.charCodeAt(i);
  return at;
}

/** Gives -1 where the code is not shorter than the text. */
function writeCoded(text: string, target: Buffer, offset: number): number {
  if (text.length <= codedLength.prefix) {
    // Its length takes one byte, which need not be known before the rest is written.
    const end = huffmanEncode(text, target, offset + 1);
    if (end >= 0) target[offset] = codedLength.pattern | (end - offset - 1);
    return end;
  }
  const length = huffmanLength(text);
  if (length >= text.length) return -1;
  return huffmanEncode(text, target, writeInteger(codedLength, length, target, offset));
}

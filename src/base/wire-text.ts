/**
 * Header values travel through the program as latin1: one character for each byte on the wire. Text
 * from configuration and for people is Unicode. These functions are the border between the two.
 */

const beyondAscii = /[^\0-\x7f]/;

/** The characters are the UTF-8 bytes of `text`, to be written as latin1. */
export function wireFromUnicode(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function unicodeFromWire(wire: string): string {
  return beyondAscii.test(wire) ? Buffer.from(wire, 'latin1').toString('utf8') : wire;
}

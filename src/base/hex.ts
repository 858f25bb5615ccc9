/**
 * Numbers as lower-case hexadecimal text, for identifiers. One call of `fromCharCode` makes
 * a flat string; joining digits from a table makes a rope that is flattened when it is sent, and
 * costs twice as much (bench/micro/telemetry.ts).
 */

import type { Random } from './random.ts';

/** ASCII codes of the digits 0 to f. */
const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** The ASCII code of the hexadecimal digit of `word` that ends `shift` bits from its low end. */
export function hexDigit(word: number, shift: number): number {
  return digits[(word >>> shift) & 15] as number;
}

/** The 8 digits of a word. */
export function hex8(word: number): string {
  // biome-ignore format: a line for each half of a word
  return String.fromCharCode(
    hexDigit(word, 28), hexDigit(word, 24), hexDigit(word, 20), hexDigit(word, 16),
    hexDigit(word, 12), hexDigit(word, 8), hexDigit(word, 4), hexDigit(word, 0),
  );
}

/** 16 digits of 64 random bits, never all zero. */
export function randomHex16(random: Random): string {
  const a = random.uint32();
  const b = random.uint32() || 1;
  // biome-ignore format: a line for each half of a word
  return String.fromCharCode(
    hexDigit(a, 28), hexDigit(a, 24), hexDigit(a, 20), hexDigit(a, 16),
    hexDigit(a, 12), hexDigit(a, 8), hexDigit(a, 4), hexDigit(a, 0),
    hexDigit(b, 28), hexDigit(b, 24), hexDigit(b, 20), hexDigit(b, 16),
    hexDigit(b, 12), hexDigit(b, 8), hexDigit(b, 4), hexDigit(b, 0),
  );
}

/** 32 digits of 128 random bits, never all zero. */
export function randomHex32(random: Random): string {
  const a = random.uint32();
  const b = random.uint32() || 1;
  const c = random.uint32();
  const d = random.uint32();
  // biome-ignore format: a line for each half of a word
  return String.fromCharCode(
    hexDigit(a, 28), hexDigit(a, 24), hexDigit(a, 20), hexDigit(a, 16),
    hexDigit(a, 12), hexDigit(a, 8), hexDigit(a, 4), hexDigit(a, 0),
    hexDigit(b, 28), hexDigit(b, 24), hexDigit(b, 20), hexDigit(b, 16),
    hexDigit(b, 12), hexDigit(b, 8), hexDigit(b, 4), hexDigit(b, 0),
    hexDigit(c, 28), hexDigit(c, 24), hexDigit(c, 20), hexDigit(c, 16),
    hexDigit(c, 12), hexDigit(c, 8), hexDigit(c, 4), hexDigit(c, 0),
    hexDigit(d, 28), hexDigit(d, 24), hexDigit(d, 20), hexDigit(d, 16),
    hexDigit(d, 12), hexDigit(d, 8), hexDigit(d, 4), hexDigit(d, 0),
  );
}

/** Version 4 UUIDs (RFC 9562 section 5.4) for request ids. They identify; they are no secrets. */

import { hexDigit } from './hex.ts';
import type { Random } from './random.ts';

const hyphen = 0x2d;
const version4 = 0x34;

/** `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx` with 122 random bits, in lower case. */
export function createUuid(random: Random): string {
  const a = random.uint32();
  const b = random.uint32();
  // The two high bits say which variant of UUID it is: y is 8, 9, a or b.
  const c = (random.uint32() & 0x3fffffff) | 0x80000000;
  const d = random.uint32();
  // biome-ignore format: a line for each half of a word
  return String.fromCharCode(
    hexDigit(a, 28), hexDigit(a, 24), hexDigit(a, 20), hexDigit(a, 16),
    hexDigit(a, 12), hexDigit(a, 8), hexDigit(a, 4), hexDigit(a, 0), hyphen,
    hexDigit(b, 28), hexDigit(b, 24), hexDigit(b, 20), hexDigit(b, 16), hyphen,
    version4, hexDigit(b, 8), hexDigit(b, 4), hexDigit(b, 0), hyphen,
    hexDigit(c, 28), hexDigit(c, 24), hexDigit(c, 20), hexDigit(c, 16), hyphen,
    hexDigit(c, 12), hexDigit(c, 8), hexDigit(c, 4), hexDigit(c, 0),
    hexDigit(d, 28), hexDigit(d, 24), hexDigit(d, 20), hexDigit(d, 16),
    hexDigit(d, 12), hexDigit(d, 8), hexDigit(d, 4), hexDigit(d, 0),
  );
}

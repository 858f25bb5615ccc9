/**
 * The Huffman code of HPACK (RFC 7541 appendix B). It is canonical: codes of one length follow
 * each other in the order of their symbols, so the lengths alone say what they are.
 */

/** Ends no string: it is there so that a prefix of it can fill the last byte. */
export const endOfString = 256;

/** Bits of the code of each symbol: the bytes 0 to 255, 16 to a line, then the end of string. */
const lengths = `
  13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28
  28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
   6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6
   5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
  13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7
   7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
  15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5
   6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
  20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23
  24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
  22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23
  21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
  26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25
  19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
  20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23
  26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
  30`
  .trim()
  .split(/\s+/)
  .map(Number);

/** Bits of each symbol's code, 5 to 30. */
export const codeLengths: Uint8Array = Uint8Array.from(lengths);

/** The code of each symbol, in the low bits. */
export const codes: Uint32Array = assignCodes();

function assignCodes(): Uint32Array {
  const bySymbol = new Uint32Array(lengths.length);
  const longest = Math.max(...lengths);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    code *= 2;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) bySymbol[symbol] = code++;
    }
  }
  return bySymbol;
}

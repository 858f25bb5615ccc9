/**
 * A class of bytes as a lookup table: one load and one compare for each byte, which is the cheapest
 * check there is on a Buffer.
 */

/** Bytes that `matches` accepts get 1, all others 0. */
export function byteFlags(matches: RegExp): Uint8Array {
  const flags = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    if (matches.test(String.fromCharCode(code))) flags[code] = 1;
  }
  return flags;
}

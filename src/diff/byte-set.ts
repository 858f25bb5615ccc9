/** Sets of bytes, as bits of a number. */

/** Bytes as a bit set: bit 65 stands for `A`. */
export type ByteSet = bigint;

export const anyByte: ByteSet = (1n << 256n) - 1n;

export function byteSet(text: string): ByteSet {
  let set = 0n;
  for (let i = 0; i < text.length; i++) set |= 1n << BigInt(text.charCodeAt(i));
  return set;
}

/** Both cases of every letter in it. */
export function withBothCases(set: ByteSet): ByteSet {
  const upper = byteSet('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  return set | ((set & upper) << 32n) | ((set & (upper << 32n)) >> 32n);
}

/** XXH64, the hash of Envoy's consistent-hash load balancers. Texts stand for bytes (Latin-1). */

import createXxHash from 'xxhash-wasm';

export interface Hash64 {
  /** Hash of the bytes that the characters of `text` stand for; every one is below U+0100. */
  hash(text: string, seed?: bigint): bigint;
  hashBytes(bytes: Uint8Array, seed?: bigint): bigint;
}

/** The same of a text or of bytes that come in pieces. */
export interface Hashing64 {
  /** Texts are taken as UTF-8. */
  update(piece: string | Uint8Array): Hashing64;
  digest(): bigint;
}

const beyondAscii = /[\x80-\xff]/;

/** Instantiates the WebAssembly module; call it once, at start. */
export async function loadXxHash64(): Promise<Hash64> {
  const { h64, h64Raw } = await createXxHash();
  return {
    hash(text, seed = 0n) {
      // The library writes texts as UTF-8, which is the same bytes for ASCII only.
      return beyondAscii.test(text) ? h64Raw(Buffer.from(text, 'latin1'), seed) : h64(text, seed);
    },
    hashBytes: (bytes, seed = 0n) => h64Raw(bytes, seed),
  };
}

export async function startXxHash64(): Promise<Hashing64> {
  return (await createXxHash()).create64();
}

/** XXH64, the hash of Envoy's consistent-hash load balancers. Texts stand for bytes (Latin-1). */

import createXxHash from 'xxhash-wasm';
import { assert } from './assert.ts';

export interface Hash64 {
  /** Hash of the bytes that the characters of `text` stand for; every one is below U+0100. */
  hash(text: string, seed?: bigint): bigint;
  hashBytes(bytes: Uint8Array, seed?: bigint): bigint;
  /** To be awaited before the first hash; absent: there is nothing to wait for. */
  load?(): Promise<void>;
}

const beyondAscii = /[\x80-\xff]/;

/** Instantiates the WebAssembly module, which takes 2 MiB of memory. */
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

/** Loaded by the first configuration that hashes anything, as most do not. */
export class LateXxHash64 implements Hash64 {
  #loaded: Hash64 | null = null;

  async load(): Promise<void> {
    this.#loaded ??= await loadXxHash64();
  }

  hash(text: string, seed?: bigint): bigint {
    assert(this.#loaded !== null, 'a configuration that hashes has loaded it');
    return this.#loaded.hash(text, seed);
  }

  hashBytes(bytes: Uint8Array, seed?: bigint): bigint {
    assert(this.#loaded !== null, 'a configuration that hashes has loaded it');
    return this.#loaded.hashBytes(bytes, seed);
  }
}

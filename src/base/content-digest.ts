/**
 * Tells contents apart by 64 bits, to notice that files have changed: two FNV-1a hashes, of which
 * the second starts and multiplies otherwise. For nothing that somebody might want to forge.
 */

export class ContentDigest {
  #first = 0x811c9dc5;
  #second = 0x9747b28c;

  update(bytes: Uint8Array): void {
    let first = this.#first;
    let second = this.#second;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul((second << 5) ^ (second >>> 27) ^ byte, 0x85ebca6b);
    }
    this.#first = first;
    this.#second = second;
  }

  /** Of everything so far, as 16 hexadecimal digits. */
  digest(): string {
    return hex(this.#first) + hex(this.#second);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

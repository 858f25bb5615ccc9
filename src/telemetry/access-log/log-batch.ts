/**
 * Lines that leave together, as bytes at once: a line is made of many pieces, which the garbage
 * collector would copy while they wait, and they keep the heads that they were cut from.
 */
export class LogBatch {
  lines = 0;
  #bytes: Buffer;
  #length = 0;

  /** `capacity`: bytes, more than 0; it grows when more is added. */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that fit without growing. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Of the lines since `clear`; valid until one is added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** `text` is wire text, `lines` with their newlines. */
  add(text: string, lines: number): void {
    const needed = this.#length + text.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.write(text, this.#length, 'latin1');
    this.#length = needed;
    this.lines += lines;
  }

  /** Forgets everything but the room. */
  clear(): void {
    this.lines = 0;
    this.#length = 0;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** What has been read of a connection before it is known who reads it. */

export class FirstBytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Everything so far with `bytes` behind it. Valid during the call of the reader only: where nothing
   * was kept it is `bytes` itself.
   */
  with(bytes: Buffer): Buffer {
    if (this.#length === 0) return bytes;
    this.keep(bytes);
    return this.#buffer.subarray(0, this.#length);
  }

  /** Copies `bytes` behind what is kept; the room doubles, so that small pieces cost little. */
  keep(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#length);
    this.#length = length;
  }
}

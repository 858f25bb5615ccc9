/** Counts the messages of a gRPC call as they pass, by the five bytes before each of them. */

/** A flag, and the length of the message in four bytes. */
const prefixBytes = 5;

/** One direction of a call. */
export class MessageCounter {
  /** Messages whose length is known. */
  count = 0;
  /** Bytes of the message under way that are to come. */
  #left = 0;
  /** Bytes of the next prefix that have come. */
  #prefix = 0;
  #length = 0;

  /** Any piece of the body, however it is cut. */
  push(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, end - at);
        this.#left -= passed;
        at += passed;
      } else {
        this.#readPrefix(bytes[at] as number);
        at++;
      }
    }
  }

  #readPrefix(byte: number): void {
    // The flag says whether the message is compressed.
    this.#length = this.#prefix === 0 ? 0 : this.#length * 256 + byte;
    this.#prefix++;
    if (this.#prefix < prefixBytes) return;
    this.#prefix = 0;
    this.#left = this.#length;
    this.count++;
  }
}

/** Both directions. */
export class GrpcMessages {
  readonly request = new MessageCounter();
  readonly response = new MessageCounter();
}

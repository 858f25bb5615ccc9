/** Bytes in pieces of any length, as one text of base64 (RFC 4648 section 4). */

export class Base64Writer {
  /** Less than three bytes, which are not a whole group yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** The text as far as groups are whole. The bytes are valid during the call only. */
  push(bytes: Buffer, start: number, end: number): string {
    const all = Buffer.concat([this.#rest, bytes.subarray(start, end)]);
    const whole = all.length - (all.length % 3);
    this.#rest = all.subarray(whole);
    return all.toString('base64', 0, whole);
  }

  /** What is left, with its padding. */
  end(): string {
    const text = this.#rest.toString('base64');
    this.#rest = Buffer.alloc(0);
    return text;
  }
}

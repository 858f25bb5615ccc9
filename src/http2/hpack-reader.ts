/** The two primitive types of HPACK, read from the bytes of a block (RFC 7541 section 5). */

import { compressionError, type HpackError } from './hpack-error.ts';
import { huffmanDecode, huffmanRoom } from './huffman-decoder.ts';

/** Continuation bytes of an integer: it stays below 2^28 + 2^7, far above index and length. */
const continuationsMax = 4;

/** Strings that need more room to be decoded get it for once: a connection keeps no more. */
const scratchBytesMax = 4096;
const scratchBytesAtFirst = 256;

const noBytes: Buffer = Buffer.alloc(0);

const truncated = compressionError('the block ends inside a field');
const longInteger = compressionError('an integer has more than 28 bits');
const badHuffman = compressionError('a string is not in the Huffman code');

export class HpackReader {
  #block: Buffer = noBytes;
  #at = 0;
  #end = 0;
  #scratch: Buffer = noBytes;
  /** Where the scanned string lies: in the block, or decoded in the scratch. */
  #text: Buffer = noBytes;
  #textStart = 0;
  #textEnd = 0;
  #error: HpackError = truncated;

  /** Reading goes on at `block[start]`, and ends before `block[end]`. */
  begin(block: Buffer, start: number, end: number): void {
    this.#block = block;
    this.#at = start;
    this.#end = end;
  }

  /** Lets go of the block. */
  finish(): void {
    this.#block = noBytes;
    this.#text = noBytes;
  }

  /** Why the last read gave -1. */
  get error(): HpackError {
    return this.#error;
  }

  /** The byte that comes next, -1 at the end. It is not consumed. */
  peek(): number {
    return this.#at < this.#end ? (this.#block[this.#at] as number) : -1;
  }

  /** `prefix`: ones in the bits of the next byte that belong to the integer. -1: an error. */
  readInteger(prefix: number): number {
    if (this.#at === this.#end) return this.#fail(truncated);
    const first = (this.#block[this.#at++] as number) & prefix;
    return first < prefix ? first : this.#continueInteger(prefix);
  }

  /**
   * Finds the next string and decodes it where it is coded. Gives its length in bytes, -1: an
   * error. It is taken by `text`, before the next one is scanned.
   */
  scanString(): number {
    const coded = (this.peek() & 0x80) !== 0;
    const length = this.readInteger(0x7f);
    if (length < 0) return -1;
    const start = this.#at;
    if (length > this.#end - start) return this.#fail(truncated);
    this.#at = start + length;
    if (coded) return this.#decode(start, length);
    this.#text = this.#block;
    this.#textStart = start;
    this.#textEnd = start + length;
    return length;
  }

  /** The string that was scanned last, in latin-1. */
  text(): string {
    return this.#text.toString('latin1', this.#textStart, this.#textEnd);
  }

  #continueInteger(prefix: number): number {
    let value = prefix;
    for (let i = 0; i < continuationsMax; i++) {
      if (this.#at === this.#end) return this.#fail(truncated);
      const byte = this.#block[this.#at++] as number;
      value += (byte & 0x7f) << (i * 7);
      if (byte < 0x80) return value;
    }
    return this.#fail(longInteger);
  }

  #decode(start: number, length: number): number {
    const room = huffmanRoom(length);
    let target = this.#scratch;
    if (room > target.length) {
      target = Buffer.allocUnsafeSlow(Math.max(room, target.length * 2, scratchBytesAtFirst));
      if (target.length <= scratchBytesMax) this.#scratch = target;
    }
    const decoded = huffmanDecode(this.#block, start, start + length, target);
    if (decoded < 0) return this.#fail(badHuffman);
    this.#text = target;
    this.#textStart = 0;
    this.#textEnd = decoded;
    return decoded;
  }

  #fail(error: HpackError): -1 {
    this.#error = error;
    return -1;
  }
}

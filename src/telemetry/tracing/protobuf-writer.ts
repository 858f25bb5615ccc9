/**
 * Writes a message of protocol buffers field by field, into bytes that serve for the next one, too.
 * Text goes through one call of the platform: a loop over characters is slow until it is compiled,
 * and one exchange in a hundred is seldom enough to wait long for that.
 */

import { unicodeFromWire } from '../../base/wire-text.ts';
import { varintLength, writeVarint } from './varint.ts';

const initialBytes = 4096;
/** The longest tag that is written, and the longest number. */
const maxTagBytes = 2;
const maxNumberBytes = 10;

/** How a field is written, in the low bits of its tag. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class ProtobufWriter {
  #bytes = Buffer.allocUnsafeSlow(initialBytes);
  #at = 0;

  /** What has been written, in bytes of its own. The next message begins. */
  take(): Buffer {
    const message = Buffer.allocUnsafe(this.#at);
    this.#bytes.copy(message, 0, 0, this.#at);
    this.#at = 0;
    return message;
  }

  /** A message within the message: what is written until `close` is its content. */
  open(field: number): number {
    this.#tag(field, wire.bytes);
    // One byte for its length, which suffices nearly always.
    return ++this.#at;
  }

  /** `start`: what `open` has returned. */
  close(start: number): void {
    const length = this.#at - start;
    const more = varintLength(length) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + more, start, this.#at);
      this.#at += more;
    }
    writeVarint(this.#bytes, start - 1, length);
  }

  /** Unicode. */
  text(field: number, text: string): void {
    this.#write(field, text);
  }

  /** Text of a header: what is no UTF-8 in it becomes U+FFFD. */
  wireText(field: number, text: string): void {
    const start = this.#at;
    if (this.#write(field, text) === text.length) return;
    // It is not all ASCII: each character stands for a byte.
    this.#at = start;
    this.#write(field, unicodeFromWire(text));
  }

  /** 0 or more, an integer that is exact. */
  varint(field: number, value: number): void {
    this.#tag(field, wire.varint);
    this.#at = writeVarint(this.#bytes, this.#at, value);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, wire.fixed32);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  /** `high` and `low`: 32 bits each. */
  fixed64(field: number, high: number, low: number): void {
    this.#tag(field, wire.fixed64);
    this.#bytes.writeUInt32LE(low, this.#at);
    this.#at = this.#bytes.writeUInt32LE(high, this.#at + 4);
  }

  double(field: number, value: number): void {
    this.#tag(field, wire.fixed64);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** Bytes as hexadecimal digits, an even number of them. */
  hex(field: number, digits: string): void {
    this.#reserve(digits.length + maxTagBytes + 1);
    const start = this.open(field);
    this.#at += this.#bytes.write(digits, start, 'hex');
    this.close(start);
  }

  /** Whole fields, encoded before. */
  raw(fields: Buffer): void {
    this.#reserve(fields.length);
    this.#bytes.set(fields, this.#at);
    this.#at += fields.length;
  }

  /** Returns the bytes that the text takes. */
  #write(field: number, text: string): number {
    // No character takes more than three bytes for each of its units.
    this.#reserve(text.length * 3 + maxTagBytes + 1);
    const start = this.open(field);
    const length = this.#bytes.write(text, start, 'utf8');
    this.#at += length;
    this.close(start);
    return length;
  }

  /** Room for a number comes with it. */
  #tag(field: number, type: number): void {
    this.#reserve(maxTagBytes + maxNumberBytes);
    this.#at = writeVarint(this.#bytes, this.#at, (field << 3) | type);
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

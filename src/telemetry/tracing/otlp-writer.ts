/**
 * Writes messages of OTLP, which are protocol buffers, into bytes that serve for the next one, too.
 *
 * One exchange in a hundred is traced, so that most spans are written before this code is compiled.
 * Calls are few therefore, and text goes through one call of the platform: interpreted, a loop over
 * its characters takes as long as all the rest.
 */

import { unicodeFromWire } from '../../base/wire-text.ts';
import { varintLength, writeVarint } from './varint.ts';

const initialBytes = 4096;
/** The longest tag that is written, and the longest number. */
const maxTagBytes = 2;
const maxNumberBytes = 10;
/** No character takes more bytes for each of its units. */
const maxUnitBytes = 3;
/** From here on a length takes more than one byte. */
const longLength = 0x80;

/** How a field is written: the low bits of its tag. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Tags of KeyValue and AnyValue (opentelemetry/proto/common/v1/common.proto). */
const valueTag = (2 << 3) | wire.bytes;
const textTag = (1 << 3) | wire.bytes;
const integerTag = (3 << 3) | wire.varint;
const keyField = 1;
const valueField = 2;
const anyValueField = { text: 1, integer: 3, double: 4 } as const;
/** Tags and lengths of an attribute around its key and its text. */
const attributeBytes = 6;

export class OtlpWriter {
  #bytes = Buffer.allocUnsafeSlow(initialBytes);
  #at = 0;

  /** What has been written, valid until more is. The next message begins. */
  take(): Buffer {
    const message = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return message;
  }

  /** Forgets what has been written since the last `take`. */
  clear(): void {
    this.#at = 0;
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
    if (length >= longLength) this.#makeRoom(start, varintLength(length) - 1);
    writeVarint(this.#bytes, start - 1, length);
  }

  /**
   * An attribute: `key` is its name as `encodeKey` makes it, `text` is Unicode. Returns the bytes
   * that the text takes.
   */
  textAttribute(field: number, key: Buffer, text: string): number {
    this.#reserve(attributeBytes + key.length + text.length * maxUnitBytes);
    const value = this.#at + 2 + key.length;
    const length = this.#bytes.write(text, value + 4);
    if (attributeBytes + key.length + length >= longLength) {
      this.#longTextAttribute(field, key, text);
      return length;
    }
    this.#startAttribute(field, key, length + 4);
    const bytes = this.#bytes;
    bytes[value] = valueTag;
    bytes[value + 1] = length + 2;
    bytes[value + 2] = textTag;
    bytes[value + 3] = length;
    this.#at = value + 4 + length;
    return length;
  }

  /** Text of a header: what is no UTF-8 in it becomes U+FFFD. */
  wireAttribute(field: number, key: Buffer, text: string): void {
    const start = this.#at;
    if (this.textAttribute(field, key, text) === text.length) return;
    // It is not all ASCII: each character stands for a byte.
    this.#at = start;
    this.textAttribute(field, key, unicodeFromWire(text));
  }

  numberAttribute(field: number, key: Buffer, value: number): void {
    this.#reserve(attributeBytes + key.length + maxNumberBytes);
    const isShort = attributeBytes + key.length + maxNumberBytes < longLength;
    if (!isShort || !isCount(value)) {
      this.#otherNumberAttribute(field, key, value);
      return;
    }
    const start = this.#at + 2 + key.length;
    const end = writeVarint(this.#bytes, start + 3, value);
    this.#startAttribute(field, key, end - start);
    const bytes = this.#bytes;
    bytes[start] = valueTag;
    bytes[start + 1] = end - start - 2;
    bytes[start + 2] = integerTag;
    this.#at = end;
  }

  /** Unicode. */
  text(field: number, text: string): void {
    this.#reserve(maxTagBytes + 1 + text.length * maxUnitBytes);
    const start = this.open(field);
    this.#at += this.#bytes.write(text, start);
    this.close(start);
  }

  /** Bytes as hexadecimal digits, an even number of them. */
  hex(field: number, digits: string): void {
    this.#reserve(maxTagBytes + 1 + digits.length);
    const start = this.open(field);
    this.#at += this.#bytes.write(digits, start, 'hex');
    this.close(start);
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

  /** The tag and the length of an attribute, and its key; `rest` bytes come behind them. */
  #startAttribute(field: number, key: Buffer, rest: number): void {
    const bytes = this.#bytes;
    bytes[this.#at] = (field << 3) | wire.bytes;
    bytes[this.#at + 1] = key.length + rest;
    bytes.set(key, this.#at + 2);
  }

  #longTextAttribute(field: number, key: Buffer, text: string): void {
    const attribute = this.#openLong(field, key);
    const value = this.open(valueField);
    this.text(anyValueField.text, text);
    this.close(value);
    this.close(attribute);
  }

  #otherNumberAttribute(field: number, key: Buffer, value: number): void {
    const attribute = this.#openLong(field, key);
    const start = this.open(valueField);
    if (isCount(value)) {
      this.varint(anyValueField.integer, value);
    } else {
      this.#tag(anyValueField.double, wire.fixed64);
      this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    }
    this.close(start);
    this.close(attribute);
  }

  #openLong(field: number, key: Buffer): number {
    const attribute = this.open(field);
    this.#reserve(key.length);
    this.#bytes.set(key, this.#at);
    this.#at += key.length;
    return attribute;
  }

  /** Room for a number comes with it. */
  #tag(field: number, type: number): void {
    this.#reserve(maxTagBytes + maxNumberBytes);
    this.#at = writeVarint(this.#bytes, this.#at, (field << 3) | type);
  }

  /** `more` bytes for the length of the message that begins at `start`. */
  #makeRoom(start: number, more: number): void {
    this.#reserve(more);
    this.#bytes.copyWithin(start + more, start, this.#at);
    this.#at += more;
  }

  #reserve(length: number): void {
    if (this.#at + length > this.#bytes.length) this.#grow(this.#at + length);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** 0 or more, an integer that is exact. */
function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The name of an attribute as a whole field, to be encoded once. */
export function encodeKey(name: string): Buffer {
  const out = new OtlpWriter();
  out.text(keyField, name);
  return Buffer.from(out.take());
}

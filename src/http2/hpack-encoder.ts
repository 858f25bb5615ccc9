/**
 * Encodes the header blocks that one connection sends (RFC 7541). Every string must be latin-1,
 * and names in lower case; that they are valid is for the caller to know.
 */

import { fieldOverhead } from './hpack-dynamic-table.ts';
import { EncoderTable, tableBytesMax } from './hpack-encoder-table.ts';
import { ruleOf } from './hpack-field-rules.ts';
import { type IntegerForm, integerBytesMax, writeInteger, writeString } from './hpack-writer.ts';

/** RFC 7541 section 6. */
const indexedField: IntegerForm = { pattern: 0x80, prefix: 0x7f };
const literalIndexed: IntegerForm = { pattern: 0x40, prefix: 0x3f };
const literalNotIndexed: IntegerForm = { pattern: 0x00, prefix: 0x0f };
const literalNeverIndexed: IntegerForm = { pattern: 0x10, prefix: 0x0f };
const sizeUpdate: IntegerForm = { pattern: 0x20, prefix: 0x1f };

/**
 * A first byte, and the lengths of name and value; a short length leaves the room that the Huffman
 * code takes before it is found to be longer. An index instead of a name is shorter.
 */
const fieldBytesMax = 1 + 2 * integerBytesMax;
const sizeUpdatesBytesMax = 2 * integerBytesMax;

export class HpackEncoder {
  readonly #table = new EncoderTable();
  /** The smallest size that the table had since the last block; infinite: it did not change. */
  #smallestSize = Number.POSITIVE_INFINITY;

  /**
   * The peer's SETTINGS_HEADER_TABLE_SIZE, 4096 before it sent one. The next block says what we
   * make of it: that size, or 4096 if it is above.
   */
  setMaxTableBytes(peerSetting: number): void {
    const bytes = Math.min(peerSetting, tableBytesMax);
    if (bytes === this.#table.maxBytes) return;
    this.#table.setMaxBytes(bytes);
    this.#smallestSize = Math.min(this.#smallestSize, bytes);
  }

  /** Bytes that `encode` may need at most for the fields. */
  sizeBound(flat: readonly string[]): number {
    let bytes = sizeUpdatesBytesMax + (flat.length >> 1) * fieldBytesMax;
    for (let i = 0; i < flat.length; i++) bytes += (flat[i] as string).length;
    return bytes;
  }

  /**
   * Writes a block of the fields `flat` (name, value, name, value) into `target` at `offset`,
   * where `sizeBound` bytes have to be free. Gives the offset behind it. Blocks must be sent in
   * the order in which they were encoded, each in full.
   */
  encode(flat: readonly string[], target: Buffer, offset: number): number {
    let at = offset;
    if (this.#smallestSize !== Number.POSITIVE_INFINITY) at = this.#writeSizeUpdates(target, at);
    for (let i = 0; i < flat.length; i += 2) {
      at = this.#writeField(flat[i] as string, flat[i + 1] as string, target, at);
    }
    return at;
  }

  /** RFC 7541 section 4.2: the smallest size since the last block, if it grew again since. */
  #writeSizeUpdates(target: Buffer, offset: number): number {
    const size = this.#table.maxBytes;
    let at = offset;
    if (this.#smallestSize < size) at = writeInteger(sizeUpdate, this.#smallestSize, target, at);
    this.#smallestSize = Number.POSITIVE_INFINITY;
    return writeInteger(sizeUpdate, size, target, at);
  }

  #writeField(name: string, value: string, target: Buffer, offset: number): number {
    const table = this.#table;
    const rule = ruleOf(name);
    const secret = value.length < rule.secretBelow;
    if (!secret) {
      const at = rule.staticValues.indexOf(value);
      if (at >= 0) return writeInteger(indexedField, rule.staticIndex + at, target, offset);
      const index = rule.repeats ? table.findField(name, value) : 0;
      if (index > 0) return writeInteger(indexedField, index, target, offset);
    }
    const nameIndex = rule.staticIndex === 0 ? table.findName(name) : rule.staticIndex;
    let form = secret ? literalNeverIndexed : literalNotIndexed;
    // A field that does not repeat is worth its place once, for its name.
    if (!secret && (rule.repeats || nameIndex === 0) && this.#fits(name, value)) {
      form = literalIndexed;
    }
    let at = writeInteger(form, nameIndex, target, offset);
    if (nameIndex === 0) at = writeString(name, target, at);
    if (form === literalIndexed) table.insert(name, value);
    return writeString(value, target, at);
  }

  /** A field that would push out nearly all others stays out of the table (as nghttp2 does). */
  #fits(name: string, value: string): boolean {
    return (name.length + value.length + fieldOverhead) * 4 <= this.#table.maxBytes * 3;
  }
}

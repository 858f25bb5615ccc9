/**
 * Decodes the header blocks that one connection receives (RFC 7541). It knows nothing of what the
 * fields mean: names may be anything, pseudo header fields are fields.
 */

import { DynamicTable, fieldOverhead } from './hpack-dynamic-table.ts';
import { compressionError, type HpackError } from './hpack-error.ts';
import { HpackReader } from './hpack-reader.ts';
import { staticCount, staticNames, staticValues } from './hpack-static-table.ts';

export interface FieldLimits {
  /** Bytes of all names and values of a block, and 32 for each field (RFC 9113 section 6.5.2). */
  readonly maxBytes: number;
  /** Fields of a block, pseudo header fields included. */
  readonly maxCount: number;
}

const badIndex = compressionError('an index is in neither table');
const lateSizeUpdate = compressionError('a size update is not at the beginning of its block');
const largeSizeUpdate = compressionError('a size update is above SETTINGS_HEADER_TABLE_SIZE');
const missingSizeUpdate = compressionError(
  'no size update follows a smaller SETTINGS_HEADER_TABLE_SIZE',
);
const tooLarge: HpackError = { code: 'too-large', message: 'the fields have too many bytes' };
const tooMany: HpackError = { code: 'too-many', message: 'there are too many fields' };

/** The first bits of a byte say what follows, the others begin an integer (RFC 7541 section 6). */
const kind = { indexed: 0x80, literalIndexed: 0x40, sizeUpdate: 0x20 } as const;

export class HpackDecoder {
  readonly #reader = new HpackReader();
  readonly #table: DynamicTable;
  /** What the peer may choose as the size of the table. */
  #maxTableBytes: number;
  /** The next block has to begin with a size update that is not above it. */
  #mustShrinkTo = Number.POSITIVE_INFINITY;
  /** The block's fields; null once they are beyond the limits: nothing is stored any more. */
  #flat: string[] | null = null;
  #bytesLeft = 0;
  #fieldsLeft = 0;
  #beyond: HpackError = tooLarge;

  /** `maxTableBytes`: our SETTINGS_HEADER_TABLE_SIZE, 4096 until the peer knows another. */
  constructor({ maxTableBytes }: { readonly maxTableBytes: number }) {
    this.#maxTableBytes = maxTableBytes;
    this.#table = new DynamicTable(maxTableBytes);
  }

  /**
   * To be called when the peer has acknowledged another SETTINGS_HEADER_TABLE_SIZE. If it is below
   * the size of the table, the next block has to begin with a size update (RFC 7541 section 4.2).
   */
  setMaxTableBytes(bytes: number): void {
    this.#maxTableBytes = bytes;
    if (bytes < this.#table.maxBytes) {
      this.#mustShrinkTo = Math.min(this.#mustShrinkTo, bytes);
    }
  }

  /**
   * Decodes the block `block[start, end)`, which has to be complete. Gives its fields as name,
   * value, name, value, in latin-1 and exactly as sent; or an error, to be told by
   * `Array.isArray`. After `compression` the decoder must not be used again.
   */
  decode(block: Buffer, start: number, end: number, limits: FieldLimits): string[] | HpackError {
    this.#bytesLeft = limits.maxBytes;
    this.#fieldsLeft = limits.maxCount;
    this.#flat = [];
    this.#reader.begin(block, start, end);
    const error = this.#readSizeUpdates() ?? this.#readFields();
    this.#reader.finish();
    const flat = this.#flat;
    this.#flat = null;
    return error ?? flat ?? this.#beyond;
  }

  #readSizeUpdates(): HpackError | null {
    const reader = this.#reader;
    while ((reader.peek() & 0xe0) === kind.sizeUpdate) {
      const bytes = reader.readInteger(0x1f);
      if (bytes < 0) return reader.error;
      if (bytes > this.#maxTableBytes) return largeSizeUpdate;
      if (bytes <= this.#mustShrinkTo) this.#mustShrinkTo = Number.POSITIVE_INFINITY;
      this.#table.setMaxBytes(bytes);
    }
    // A block without a field may leave it to the next one.
    const missing = this.#mustShrinkTo !== Number.POSITIVE_INFINITY && reader.peek() >= 0;
    return missing ? missingSizeUpdate : null;
  }

  #readFields(): HpackError | null {
    const reader = this.#reader;
    for (let byte = reader.peek(); byte >= 0; byte = reader.peek()) {
      let error: HpackError | null;
      if (byte >= kind.indexed) error = this.#readIndexed();
      else if (byte >= kind.literalIndexed) error = this.#readLiteral(0x3f);
      else if (byte >= kind.sizeUpdate) error = lateSizeUpdate;
      // Without indexing, and never indexed: the same to a reader.
      else error = this.#readLiteral(0x0f);
      if (error !== null) return error;
    }
    return null;
  }

  #readIndexed(): HpackError | null {
    const index = this.#reader.readInteger(0x7f);
    if (index <= staticCount) {
      if (index <= 0) return index === 0 ? badIndex : this.#reader.error;
      const name = staticNames[index - 1] as string;
      const value = staticValues[index - 1] as string;
      this.#store(name, value, name.length + value.length + fieldOverhead);
      return null;
    }
    const table = this.#table;
    const age = index - staticCount;
    if (age > table.count) return badIndex;
    const name = table.name(age);
    const value = table.value(age);
    this.#store(name, value, name.length + value.length + fieldOverhead);
    return null;
  }

  /** `prefix`: 0x3f where the field goes into the table, too. */
  #readLiteral(prefix: 0x3f | 0x0f): HpackError | null {
    const reader = this.#reader;
    const table = this.#table;
    const indexing = prefix === 0x3f;
    const index = reader.readInteger(prefix);
    if (index < 0) return reader.error;
    if (index - staticCount > table.count) return badIndex;
    // What will be neither stored nor indexed is decoded, for errors in it, but not made a string.
    const longest = Math.max(this.#bytesLeft, indexing ? table.maxBytes : 0) - fieldOverhead;
    let name = '';
    let nameLength = 0;
    if (index === 0) {
      nameLength = reader.scanString();
      if (nameLength < 0) return reader.error;
      if (nameLength <= longest) name = reader.text();
    } else {
      name =
        index <= staticCount ? (staticNames[index - 1] as string) : table.name(index - staticCount);
      nameLength = name.length;
    }
    const valueLength = reader.scanString();
    if (valueLength < 0) return reader.error;
    const length = nameLength + valueLength;
    const value = length <= longest ? reader.text() : '';
    if (indexing) table.insert(name, value, length + fieldOverhead);
    this.#store(name, value, length + fieldOverhead);
    return null;
  }

  #store(name: string, value: string, size: number): void {
    this.#bytesLeft -= size;
    this.#fieldsLeft--;
    if (this.#flat === null) return;
    if (this.#bytesLeft >= 0 && this.#fieldsLeft >= 0) {
      this.#flat.push(name, value);
      return;
    }
    this.#beyond = this.#bytesLeft < 0 ? tooLarge : tooMany;
    this.#bytesLeft = 0;
    this.#flat = null;
  }
}

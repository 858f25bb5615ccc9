/**
 * Gathers a head or trailers that come in several reads, until the empty line. A complete block is
 * parsed in one go, so every split of the bytes means the same; each byte is looked at once here.
 */

export class BlockCollector {
  readonly #bytesMax: number;
  #bytes: Buffer | null = null;
  #length = 0;
  /** The empty line is in: `bytes[0, length)` is the block. */
  complete = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get length(): number {
    return this.#length;
  }

  /** More bytes than allowed were gathered and the end was not among them. */
  get overflown(): boolean {
    return !this.complete && this.#length > this.#bytesMax;
  }

  get bytes(): Buffer {
    return this.#bytes ?? emptyBuffer;
  }

  clear(): void {
    this.#bytes = null;
    this.#length = 0;
    this.complete = false;
  }

  /** Takes bytes up to the end of the block; returns the position behind the last one taken. */
  take(source: Buffer, start: number, end: number): number {
    // One byte over the limit is enough to know.
    const room = this.#bytesMax + 1 - this.#length;
    const taken = Math.min(end - start, Math.max(room, 0));
    const before = this.#length;
    const bytes = this.#reserve(before + taken);
    source.copy(bytes, before, start, start + taken);
    this.#length = before + taken;
    const blockEnd = endOfBlock(bytes, before, this.#length);
    if (blockEnd === -1) return start + taken;
    this.complete = true;
    this.#length = blockEnd;
    return start + blockEnd - before;
  }

  #reserve(size: number): Buffer {
    const old = this.#bytes;
    if (old !== null && old.length >= size) return old;
    const grown = Buffer.allocUnsafe(Math.max(size, (old?.length ?? 256) * 2));
    old?.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    return grown;
  }
}

const emptyBuffer = Buffer.alloc(0);

/** Position behind the first CR LF CR LF that ends at or after `from`, or -1. */
function endOfBlock(bytes: Buffer, from: number, length: number): number {
  const at = bytes.subarray(0, length).indexOf('\r\n\r\n', Math.max(0, from - 3), 'latin1');
  return at === -1 ? -1 : at + 4;
}

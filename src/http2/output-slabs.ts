/**
 * Memory for frames on their way out. A session takes a slab for the frames of one turn, hands the
 * written part over to its output, and gives the rest back for the next session: an idle one holds
 * nothing, and nothing is copied or freed for a frame.
 */

export interface OutputSlab {
  readonly bytes: Buffer;
  /** Everything before it belongs to an output. */
  offset: number;
}

/** Room for three full frames. */
const slabBytes = 64 * 1024;

/** A slab with less than this left is of no use to anybody. */
const usefulBytes = 1024;

/** Slabs kept; as many as sessions write in the same turn are ever asked for. */
const sparesMax = 16;

export class OutputSlabs {
  readonly #spares: OutputSlab[] = [];

  /** With room for `bytes` at least. */
  take(bytes: number): OutputSlab {
    const spares = this.#spares;
    const spare = spares.at(-1);
    if (spare !== undefined && spare.bytes.length - spare.offset >= bytes) {
      spares.length--;
      return spare;
    }
    // Not from Node's own pool, which is shared with everybody and smaller.
    return { bytes: Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes)), offset: 0 };
  }

  giveBack(slab: OutputSlab): void {
    if (slab.bytes.length - slab.offset < usefulBytes) return;
    if (slab.bytes.length === slabBytes && this.#spares.length < sparesMax) {
      this.#spares.push(slab);
    }
  }
}

/**
 * The streams of a connection by their identifiers: those that are open, and, of those that are
 * not, what is needed to tell a late frame from a wrong one.
 */

import type { SessionStream } from './session-stream.ts';

/** Streams that ended lately, and streams that this side has reset. */
const closedMax = 128;
const resetMax = 1000;

export class StreamTable {
  /** The last stream that was opened: by the peer of a server, by a client itself. */
  lastId = 0;
  readonly #open = new Map<number, SessionStream>();
  /** A ring; 0 is no stream. */
  readonly #closed = new Uint32Array(closedMax);
  #closedAt = 0;
  /** The peer may not know of them yet; oldest first. */
  readonly #reset = new Set<number>();

  get size(): number {
    return this.#open.size;
  }

  get(id: number): SessionStream | undefined {
    return this.#open.get(id);
  }

  /** In no particular order; streams may be removed meanwhile. */
  values(): IterableIterator<SessionStream> {
    return this.#open.values();
  }

  add(stream: SessionStream): void {
    this.#open.set(stream.id, stream);
  }

  remove(id: number): void {
    this.#open.delete(id);
    this.#closed[this.#closedAt] = id;
    this.#closedAt = (this.#closedAt + 1) % closedMax;
  }

  /** What the peer sends on that stream from now on may have crossed the RST_STREAM. */
  noteReset(id: number): void {
    const reset = this.#reset;
    reset.add(id);
    if (reset.size <= resetMax) return;
    for (const oldest of reset) {
      reset.delete(oldest);
      return;
    }
  }

  wasReset(id: number): boolean {
    return this.#reset.has(id);
  }

  wasClosed(id: number): boolean {
    return this.#closed.includes(id);
  }

  /** Not opened yet. Clients open odd streams, and servers none. */
  isIdle(id: number): boolean {
    return id > this.lastId || id % 2 === 0;
  }
}

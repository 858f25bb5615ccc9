/** How much the peer may send on all streams together (RFC 9113, section 5.2). */

import type { FrameWriter } from './frame-writer.ts';
import type { Http2Limits } from './http2-limits.ts';
import { defaultWindowBytes } from './protocol.ts';

export class ConnectionWindow {
  readonly #writer: FrameWriter;
  readonly #bytesMax: number;
  readonly #heldMax: number;
  /** What the peer may send yet. */
  #left = defaultWindowBytes;
  /** Received, and not yet allowed again. */
  #received = 0;
  /** Received for streams that are paused. */
  #held = 0;

  constructor(limits: Http2Limits, writer: FrameWriter) {
    this.#writer = writer;
    this.#bytesMax = limits.connectionWindowBytes;
    this.#heldMax = limits.heldBytes;
  }

  /** Grants what the limit allows above what RFC 9113 begins with. */
  open(): void {
    const bytes = this.#bytesMax - this.#left;
    if (bytes <= 0) return;
    this.#writer.windowUpdate(0, bytes);
    this.#left += bytes;
  }

  /** A frame comes; false if it is more than was allowed. */
  tryTake(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** The frame is dealt with. */
  restore(bytes: number): void {
    this.#received += bytes;
    this.#update();
  }

  hold(bytes: number): void {
    this.#held += bytes;
  }

  release(bytes: number): void {
    if (bytes === 0) return;
    this.#held -= bytes;
    this.#update();
  }

  #update(): void {
    if (this.#received * 2 < this.#bytesMax || this.#held >= this.#heldMax) return;
    this.#writer.windowUpdate(0, this.#received);
    this.#left += this.#received;
    this.#received = 0;
  }
}

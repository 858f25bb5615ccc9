/**
 * What one stream has still to send: the pieces of its data that wait for a window or for their
 * turn, and whether an end follows. `DataScheduler` decides when they go.
 */

import type { FrameWriter } from './frame-writer.ts';

/** Places of pieces that have left, of which no more are kept than of pieces that wait. */
const sparePlaces = 1024;

/** Told of what became of the data. */
export interface SendOwner {
  /** No more than the mark is queued, after it was more. */
  onSendDrain(): void;
  /** END_STREAM is written. */
  onSendEnd(): void;
}

export class SendQueue {
  readonly streamId: number;
  readonly owner: SendOwner;
  /**
   * What the peer has granted by WINDOW_UPDATE, less what was sent. With the initial window that is
   * in force it is the window, whenever that has changed (RFC 9113, section 6.9.2).
   */
  credit = 0;
  queuedBytes = 0;
  /** The end was asked for, and follows the last piece. */
  ending = false;
  /** Of the end. */
  trailers: readonly string[] | null = null;
  /** Nothing is sent any more: the end is written, or the stream is over. */
  closed = false;
  /** More than the mark was queued, and the owner has not been told that it no longer is. */
  overMark = false;
  /** In the ring of those that can send. */
  inRing = false;
  previous: SendQueue | null = null;
  next: SendQueue | null = null;
  /** Where the last frame of the stream is that may get its END_STREAM flag yet. */
  frameAt = 0;
  frameEpoch = -1;

  /** The first piece is sent from `#offset` on; most often there is no other. */
  #first: string | Buffer = '';
  #offset = 0;
  #rest: (string | Buffer)[] | null = null;
  #restAt = 0;

  constructor(streamId: number, owner: SendOwner) {
    this.streamId = streamId;
    this.owner = owner;
  }

  /** Appends what is left of a piece from `offset` on. */
  push(piece: string | Buffer, offset: number): void {
    const bytes = piece.length - offset;
    if (this.queuedBytes === 0) {
      this.#first = piece;
      this.#offset = offset;
    } else {
      this.#rest ??= [];
      this.#rest.push(typeof piece === 'string' ? piece.slice(offset) : piece.subarray(offset));
    }
    this.queuedBytes += bytes;
  }

  /** Moves the first `bytes` of the queue into the payload of a frame. */
  writeTo(writer: FrameWriter, bytes: number): void {
    // The output may have ended the session when it took what was before.
    if (this.closed) return;
    let left = bytes;
    while (left > 0) {
      const piece = this.#first;
      const taken = Math.min(left, piece.length - this.#offset);
      writer.payload(piece, this.#offset, this.#offset + taken);
      this.#offset += taken;
      left -= taken;
      if (this.#offset === piece.length) this.#shift();
    }
    this.queuedBytes -= bytes;
  }

  close(): void {
    this.closed = true;
    this.queuedBytes = 0;
    this.trailers = null;
    this.#first = '';
    this.#rest = null;
  }

  #shift(): void {
    const rest = this.#rest;
    this.#offset = 0;
    if (rest === null) {
      this.#first = '';
      return;
    }
    this.#first = rest[this.#restAt] as string | Buffer;
    // Set free now: the list may live for long.
    rest[this.#restAt++] = '';
    if (this.#restAt === rest.length) this.#rest = null;
    else if (this.#restAt < sparePlaces || this.#restAt * 2 < rest.length) return;
    // A queue that never runs empty would grow by each piece that passes.
    else rest.splice(0, this.#restAt);
    this.#restAt = 0;
  }
}

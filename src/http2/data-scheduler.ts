/**
 * Sends the data of all streams of a connection: frame by frame in turn, within the windows of the
 * stream and of the connection, and no faster than the output takes it.
 */

import type { FrameWriter } from './frame-writer.ts';
import { defaultWindowBytes, flag, int31Max } from './protocol.ts';
import type { SendQueue } from './send-queue.ts';
import { SendRing } from './send-ring.ts';
import type { Http2SessionOptions } from './session-types.ts';

export class DataScheduler {
  /** DATA frames sent. */
  dataFrames = 0;
  /** What the peer takes of a stream before it grants more (SETTINGS_INITIAL_WINDOW_SIZE). */
  initialWindow = defaultWindowBytes;
  readonly #writer: FrameWriter;
  readonly #outputBytesMax: number;
  readonly #drainMark: number;
  /** What the peer takes of all streams together. */
  #window = defaultWindowBytes;
  /** Streams with data and an open window, in the order of their turns. */
  readonly #ring = new SendRing();

  constructor({ limits }: Http2SessionOptions, writer: FrameWriter) {
    this.#writer = writer;
    this.#outputBytesMax = limits.outputBytes;
    this.#drainMark = limits.drainMarkBytes;
  }

  /** A piece that nobody changes any more. */
  send(queue: SendQueue, piece: string | Buffer): void {
    const sent = this.#trySend(queue, piece, 0, piece.length);
    if (sent < piece.length) this.#keep(queue, piece, sent);
  }

  /** Bytes that are valid during the call only. */
  sendView(queue: SendQueue, bytes: Buffer, start: number, end: number): void {
    const sent = this.#trySend(queue, bytes, start, end);
    if (sent < end) this.#keep(queue, Buffer.from(bytes.subarray(sent, end)), 0);
  }

  /** Ends the stream behind its data. */
  end(queue: SendQueue, trailers: readonly string[] | null): void {
    queue.ending = true;
    queue.trailers = trailers;
    if (queue.queuedBytes === 0) this.#finish(queue);
  }

  /** More of the stream may be sent. */
  addStreamWindow(queue: SendQueue, bytes: number): boolean {
    queue.credit += bytes;
    return this.tryResume(queue);
  }

  /** The initial window may have grown; false if that of the stream is now too large. */
  tryResume(queue: SendQueue): boolean {
    const window = this.#windowOf(queue);
    if (window > int31Max) return false;
    if (window > 0 && queue.queuedBytes > 0) this.#enqueue(queue);
    return true;
  }

  addConnectionWindow(bytes: number): boolean {
    if (this.#window + bytes > int31Max) return false;
    this.#window += bytes;
    if (this.#ring.first !== null) this.#writer.requestFlush();
    return true;
  }

  /** Writes what the windows and the output allow. */
  pump(): void {
    const ring = this.#ring;
    for (let queue = ring.first; queue !== null; queue = ring.first) {
      if (this.#window <= 0 || this.#isOutputFull()) return;
      ring.remove(queue);
      if (this.#windowOf(queue) > 0) this.#sendFrame(queue);
    }
  }

  /** Nothing more of it is sent. */
  close(queue: SendQueue): void {
    this.#ring.remove(queue);
    queue.close();
  }

  /** Sends what may leave at once, without a detour. Returns the position behind it. */
  #trySend(queue: SendQueue, piece: string | Buffer, start: number, end: number): number {
    // Those in the ring come first.
    if (queue.queuedBytes > 0 || this.#ring.first !== null) return start;
    let at = start;
    while (at < end && !this.#isOutputFull()) {
      const bytes = Math.min(end - at, this.#frameRoom(queue));
      if (bytes <= 0) break;
      this.#beginFrame(queue, bytes, 0);
      this.#writer.payload(piece, at, at + bytes);
      at += bytes;
    }
    return at;
  }

  #keep(queue: SendQueue, piece: string | Buffer, offset: number): void {
    if (queue.closed) return;
    queue.push(piece, offset);
    if (queue.queuedBytes > this.#drainMark) queue.overMark = true;
    if (this.#windowOf(queue) > 0) this.#enqueue(queue);
  }

  #sendFrame(queue: SendQueue): void {
    const bytes = Math.min(queue.queuedBytes, this.#frameRoom(queue));
    const isLast = bytes === queue.queuedBytes;
    const endsStream = isLast && queue.ending && queue.trailers === null;
    this.#beginFrame(queue, bytes, endsStream ? flag.endStream : 0);
    queue.writeTo(this.#writer, bytes);
    // Its owner may have ended the session when the output took what was before.
    if (queue.closed) return;
    if (endsStream) this.#close(queue);
    else if (isLast && queue.ending) this.#finish(queue);
    else this.#afterFrame(queue, isLast);
  }

  #afterFrame(queue: SendQueue, isEmpty: boolean): void {
    if (!isEmpty && this.#windowOf(queue) > 0) this.#enqueue(queue);
    if (!queue.overMark || queue.queuedBytes > this.#drainMark) return;
    queue.overMark = false;
    if (!queue.ending) queue.owner.onSendDrain();
  }

  #beginFrame(queue: SendQueue, bytes: number, flags: number): void {
    queue.frameAt = this.#writer.data(queue.streamId, bytes, flags);
    queue.frameEpoch = this.#writer.epoch;
    queue.credit -= bytes;
    this.#window -= bytes;
    this.dataFrames++;
  }

  /** Ends a stream that has no data left. */
  #finish(queue: SendQueue): void {
    const writer = this.#writer;
    if (queue.trailers !== null) {
      writer.headers(queue.streamId, queue.trailers, flag.endStream);
    } else if (!writer.tryEnd(queue.frameAt, queue.frameEpoch)) {
      writer.data(queue.streamId, 0, flag.endStream);
      this.dataFrames++;
    }
    this.#close(queue);
  }

  #close(queue: SendQueue): void {
    this.close(queue);
    queue.owner.onSendEnd();
  }

  #windowOf(queue: SendQueue): number {
    return this.initialWindow + queue.credit;
  }

  #frameRoom(queue: SendQueue): number {
    return Math.min(this.#writer.frameBytes, this.#windowOf(queue), this.#window);
  }

  #isOutputFull(): boolean {
    const writer = this.#writer;
    if (writer.queuedBytes < this.#outputBytesMax) return false;
    // What the kernel takes at once is not on its way any more.
    writer.handOver();
    return writer.queuedBytes >= this.#outputBytesMax;
  }

  #enqueue(queue: SendQueue): void {
    if (queue.inRing) return;
    this.#ring.add(queue);
    this.#writer.requestFlush();
  }
}

/**
 * Finds frames in the bytes of a connection, however they are split over reads. DATA is handed on
 * as it comes; of other frames one that is split is collected, within the limit on its size.
 */

import { flag, frameHeaderBytes, frameType } from './protocol.ts';

/** The header of the frame under way; one object for all frames of a connection. */
export interface FrameHeader {
  /** Of the payload. */
  length: number;
  type: number;
  flags: number;
  streamId: number;
}

/** Hears of frames in order. Any method may call `stop` of the reader. */
export interface FrameSink {
  /** No further frame is to be looked at now. */
  readonly isSpent: boolean;
  /** Before the payload is read; false: it is not wanted, and `stop` was called. */
  onFrameHeader(frame: FrameHeader): boolean;
  /** A whole frame that is not DATA: `bytes[start, end)` is its payload, valid during the call. */
  onFrame(frame: FrameHeader, bytes: Buffer, start: number, end: number): void;
  /** A part of the payload of a DATA frame, without padding. */
  onData(bytes: Buffer, start: number, end: number): void;
  /** The end of the DATA frame. */
  onDataEnd(frame: FrameHeader): void;
  /** The padding is longer than the frame. */
  onBadPadding(): void;
}

/** At the header of a frame. */
const stateHeader = 0;
/** In the payload of a frame that is collected. */
const statePayload = 1;
/** At the byte that says how much padding a DATA frame has. */
const statePadLength = 2;
const stateData = 3;
const statePadding = 4;
const stateStopped = 5;

const emptyBuffer = Buffer.alloc(0);

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #frame: FrameHeader = { length: 0, type: 0, flags: 0, streamId: 0 };
  #state = stateHeader;
  /** The first part of a header or payload whose other parts are to come. */
  #part: Buffer = emptyBuffer;
  #partLength = 0;
  /** Payload of the DATA frame, or padding, that is to come. */
  #left = 0;
  #padding = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** In the header of a frame, or in the payload of one that is not DATA. */
  get isCollecting(): boolean {
    return this.#partLength > 0 || this.#state === statePayload;
  }

  /** Ignores everything from now on. */
  stop(): void {
    this.#state = stateStopped;
    this.#part = emptyBuffer;
    this.#partLength = 0;
  }

  /** Returns the position behind what was read: `end`, unless the sink wants no further frame. */
  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case stateHeader:
          if (this.#sink.isSpent) return at;
          at = this.#readHeader(bytes, at, end);
          break;
        case statePayload:
          at = this.#readPayload(bytes, at, end);
          break;
        case stateStopped:
          return end;
        default:
          at = this.#readData(bytes, at, end);
      }
    }
    return at;
  }

  #readHeader(bytes: Buffer, start: number, end: number): number {
    if (this.#partLength === 0 && end - start >= frameHeaderBytes) {
      this.#parseHeader(bytes, start);
      return this.#beginFrame(bytes, start + frameHeaderBytes, end);
    }
    const at = this.#collect(
      bytes,
      start,
      Math.min(end, start + frameHeaderBytes - this.#partLength),
    );
    if (this.#partLength < frameHeaderBytes) return at;
    this.#parseHeader(this.#takePart(), 0);
    return this.#beginFrame(bytes, at, end);
  }

  #parseHeader(bytes: Buffer, at: number): void {
    const frame = this.#frame;
    frame.length =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    frame.type = bytes[at + 3] as number;
    frame.flags = bytes[at + 4] as number;
    // The first bit is reserved.
    frame.streamId =
      (((bytes[at + 5] as number) & 0x7f) << 24) |
      ((bytes[at + 6] as number) << 16) |
      ((bytes[at + 7] as number) << 8) |
      (bytes[at + 8] as number);
  }

  /** Goes on behind the header. */
  #beginFrame(bytes: Buffer, start: number, end: number): number {
    const frame = this.#frame;
    if (!this.#sink.onFrameHeader(frame)) return end;
    if (frame.type === frameType.data) {
      this.#beginData();
      return start;
    }
    if (end - start >= frame.length) {
      this.#sink.onFrame(frame, bytes, start, start + frame.length);
      return start + frame.length;
    }
    this.#state = statePayload;
    return this.#collect(bytes, start, end);
  }

  #readPayload(bytes: Buffer, start: number, end: number): number {
    const frame = this.#frame;
    const at = this.#collect(bytes, start, Math.min(end, start + frame.length - this.#partLength));
    if (this.#partLength < frame.length) return at;
    this.#state = stateHeader;
    this.#sink.onFrame(frame, this.#takePart(), 0, frame.length);
    return at;
  }

  /** Memory grows with what comes, not with what a frame announces. */
  #collect(bytes: Buffer, start: number, end: number): number {
    const length = this.#partLength + end - start;
    if (length > this.#part.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#part.length * 2));
      this.#part.copy(larger, 0, 0, this.#partLength);
      this.#part = larger;
    }
    bytes.copy(this.#part, this.#partLength, start, end);
    this.#partLength = length;
    return end;
  }

  #takePart(): Buffer {
    const part = this.#part;
    this.#part = emptyBuffer;
    this.#partLength = 0;
    return part;
  }

  #beginData(): void {
    const { length, flags } = this.#frame;
    this.#left = length;
    this.#padding = 0;
    if ((flags & flag.padded) === 0) {
      this.#state = stateData;
      if (length === 0) this.#endData();
    } else if (length > 0) {
      this.#state = statePadLength;
    } else {
      this.#sink.onBadPadding();
    }
  }

  #readData(bytes: Buffer, start: number, end: number): number {
    if (this.#state === statePadLength) return this.#readPadLength(bytes, start);
    const pieceEnd = Math.min(end, start + this.#left);
    this.#left -= pieceEnd - start;
    if (this.#state === stateData) {
      const isComplete = this.#left === 0;
      this.#sink.onData(bytes, start, pieceEnd);
      if (!isComplete || this.#state !== stateData) return pieceEnd;
      this.#left = this.#padding;
      this.#state = statePadding;
    }
    if (this.#left === 0) this.#endData();
    return pieceEnd;
  }

  #readPadLength(bytes: Buffer, at: number): number {
    this.#padding = bytes[at] as number;
    this.#left -= 1 + this.#padding;
    if (this.#left < 0) {
      this.#sink.onBadPadding();
      return at + 1;
    }
    if (this.#left > 0) {
      this.#state = stateData;
      return at + 1;
    }
    this.#left = this.#padding;
    this.#state = statePadding;
    if (this.#left === 0) this.#endData();
    return at + 1;
  }

  #endData(): void {
    this.#state = stateHeader;
    this.#sink.onDataEnd(this.#frame);
  }
}

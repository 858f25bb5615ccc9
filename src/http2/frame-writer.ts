/**
 * Writes frames into a slab, and hands them over to the output in one piece. What is not handed
 * over yet can still be changed: a frame gets its END_STREAM flag when the end follows in its turn.
 */

import type { HpackEncoder } from './hpack-encoder.ts';
import type { OutputSlab, OutputSlabs } from './output-slabs.ts';
import { defaultFrameBytes, flag, frameHeaderBytes, frameType } from './protocol.ts';
import type { Http2Output, Http2SessionOptions } from './session-types.ts';

/** Node has it, and its types do not: what `write` comes to, without looking the encoding up. */
interface Latin1Buffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
}

const emptyBuffer = Buffer.alloc(0) as Latin1Buffer;

export class FrameWriter {
  /** Largest payload that the peer takes (SETTINGS_MAX_FRAME_SIZE). */
  frameBytes = defaultFrameBytes;
  /** How often frames were handed over. */
  epoch = 0;

  readonly #output: Http2Output;
  readonly #slabs: OutputSlabs;
  readonly #encoder: HpackEncoder;
  #slab: OutputSlab | null = null;
  /** Of the slab. `[#start, #at)` is not handed over yet. */
  #bytes: Latin1Buffer = emptyBuffer;
  #start = 0;
  #at = 0;
  #flushRequested = false;
  /** Answers and resets among what is not handed over, and among what the output still has. */
  #controlFrames = 0;
  #queuedControlFrames = 0;
  /** All frames, likewise. */
  #frames = 0;
  #queuedFrames = 0;
  /** There is nobody to write to any more. */
  #stopped = false;

  constructor({ output, slabs }: Http2SessionOptions, encoder: HpackEncoder) {
    this.#output = output;
    this.#slabs = slabs;
    this.#encoder = encoder;
  }

  /** Bytes that are on their way: here, and in the output. */
  get queuedBytes(): number {
    return this.#at - this.#start + this.#output.queuedBytes;
  }

  /** Answers and resets that the output may not have passed on yet. */
  get controlFrames(): number {
    return this.#controlFrames + this.#queuedControlFrames;
  }

  /** Frames of any kind that the output may not have passed on yet. */
  get queuedFrames(): number {
    return this.#frames + this.#queuedFrames;
  }

  /** `flush` will be called at the end of the turn. */
  requestFlush(): void {
    if (this.#flushRequested) return;
    this.#flushRequested = true;
    this.#output.requestFlush();
  }

  /** Hands over what is written so far. */
  handOver(): void {
    const start = this.#start;
    const end = this.#at;
    if (start === end) return;
    this.#start = end;
    this.epoch++;
    this.#noteQueue();
    this.#queuedControlFrames += this.#controlFrames;
    this.#controlFrames = 0;
    this.#queuedFrames += this.#frames;
    this.#frames = 0;
    if (!this.#stopped) this.#output.write(this.#bytes.subarray(start, end));
    // The owner may have ended the session, and with it the slab.
    if (this.#at !== end || !this.#noteQueue()) return;
    // Nobody needs it any more: the next frames go to the same place, which is in the cache.
    this.#start = start;
    this.#at = start;
  }

  /** Hands over everything, and keeps no memory. */
  flush(): void {
    this.#flushRequested = false;
    this.#releaseSlab();
  }

  /** Drops what is not handed over, and everything from now on. */
  stop(): void {
    this.#stopped = true;
    this.#releaseSlab();
  }

  /** Bytes as they are: the preface of a connection. */
  raw(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#at += bytes.copy(this.#bytes, this.#at);
  }

  /** `settings` is `[identifier, value, …]`. */
  settings(settings: readonly number[]): void {
    const length = settings.length * 3;
    this.#reserve(frameHeaderBytes + length);
    this.#header(length, frameType.settings, 0, 0);
    for (let i = 0; i < settings.length; i += 2) {
      this.#uint16(settings[i] as number);
      this.#uint32(settings[i + 1] as number);
    }
  }

  settingsAck(): void {
    this.#controlFrames++;
    this.#reserve(frameHeaderBytes);
    this.#header(0, frameType.settings, flag.ack, 0);
  }

  /** With the eight bytes at `start`. */
  ping(flags: number, payload: Buffer, start: number): void {
    this.#controlFrames++;
    this.#reserve(frameHeaderBytes + 8);
    this.#header(8, frameType.ping, flags, 0);
    this.#at += payload.copy(this.#bytes, this.#at, start, start + 8);
  }

  /** `debug`: ASCII. */
  goaway(lastStreamId: number, code: number, debug: string): void {
    const length = 8 + debug.length;
    this.#reserve(frameHeaderBytes + length);
    this.#header(length, frameType.goaway, 0, 0);
    this.#uint32(lastStreamId);
    this.#uint32(code);
    this.#at += this.#bytes.write(debug, this.#at, 'latin1');
  }

  rstStream(streamId: number, code: number): void {
    this.#controlFrames++;
    this.#reserve(frameHeaderBytes + 4);
    this.#header(4, frameType.rstStream, 0, streamId);
    this.#uint32(code);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#reserve(frameHeaderBytes + 4);
    this.#header(4, frameType.windowUpdate, 0, streamId);
    this.#uint32(increment);
  }

  /**
   * HEADERS, with as many CONTINUATION frames as the peer's frame size asks for. Returns where it
   * is, for `tryEnd`.
   */
  headers(streamId: number, fields: readonly string[], flags: number): number {
    const encoder = this.#encoder;
    const bound = encoder.sizeBound(fields);
    const frames = Math.ceil(bound / this.frameBytes) + 1;
    this.#reserve(bound + frames * frameHeaderBytes);
    const frameAt = this.#at;
    const blockAt = frameAt + frameHeaderBytes;
    const length = encoder.encode(fields, this.#bytes, blockAt) - blockAt;
    const first = Math.min(length, this.frameBytes);
    const endHeaders = first === length ? flag.endHeaders : 0;
    this.#header(first, frameType.headers, flags | endHeaders, streamId);
    this.#at += first;
    if (endHeaders === 0) this.#continueHeaders(streamId, length - first);
    return frameAt;
  }

  /** Begins a DATA frame, whose payload follows by `payload`. Returns where it is, for `tryEnd`. */
  data(streamId: number, length: number, flags: number): number {
    this.#reserve(frameHeaderBytes + length);
    const frameAt = this.#at;
    this.#header(length, frameType.data, flags, streamId);
    return frameAt;
  }

  /** `piece[start, end)` of the payload that was announced. */
  payload(piece: string | Buffer, start: number, end: number): void {
    if (typeof piece === 'string') {
      const part = end - start === piece.length ? piece : piece.slice(start, end);
      this.#at += this.#bytes.latin1Write(part, this.#at, end - start);
    } else {
      this.#at += piece.copy(this.#bytes, this.#at, start, end);
    }
  }

  /** Gives a frame of the `epoch` the END_STREAM flag; false if it has been handed over. */
  tryEnd(frameAt: number, epoch: number): boolean {
    if (epoch !== this.epoch) return false;
    this.#bytes[frameAt + 4] = (this.#bytes[frameAt + 4] as number) | flag.endStream;
    return true;
  }

  /** The `left` bytes of a block behind its first frame get headers in between, last part first. */
  #continueHeaders(streamId: number, left: number): void {
    const bytes = this.#bytes;
    const blockAt = this.#at;
    const size = this.frameBytes;
    const frames = Math.ceil(left / size);
    for (let i = frames - 1; i >= 0; i--) {
      const length = i === frames - 1 ? left - i * size : size;
      const from = blockAt + i * size;
      const to = from + (i + 1) * frameHeaderBytes;
      bytes.copyWithin(to, from, from + length);
      this.#at = to - frameHeaderBytes;
      const flags = i === frames - 1 ? flag.endHeaders : 0;
      this.#header(length, frameType.continuation, flags, streamId);
    }
    this.#at = blockAt + left + frames * frameHeaderBytes;
  }

  /** Makes sure that so many bytes can be written. */
  #reserve(bytes: number): void {
    if (this.#bytes.length - this.#at >= bytes) return;
    this.#releaseSlab();
    this.requestFlush();
    const slab = this.#slabs.take(bytes);
    this.#slab = slab;
    this.#bytes = slab.bytes as Latin1Buffer;
    this.#start = slab.offset;
    this.#at = slab.offset;
  }

  #releaseSlab(): void {
    this.handOver();
    const slab = this.#slab;
    if (slab === null) return;
    slab.offset = this.#at;
    this.#slab = null;
    this.#bytes = emptyBuffer;
    this.#at = 0;
    this.#start = 0;
    this.#slabs.giveBack(slab);
  }

  /** Returns whether the output has passed on everything: not every one says so at once. */
  #noteQueue(): boolean {
    if (!this.#stopped && this.#output.queuedBytes > 0) return false;
    this.#queuedControlFrames = 0;
    this.#queuedFrames = 0;
    return true;
  }

  #header(length: number, type: number, flags: number, streamId: number): void {
    this.#frames++;
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = streamId >>> 24;
    bytes[at + 6] = streamId >>> 16;
    bytes[at + 7] = streamId >>> 8;
    bytes[at + 8] = streamId;
    this.#at = at + frameHeaderBytes;
  }

  #uint16(value: number): void {
    this.#bytes[this.#at++] = value >>> 8;
    this.#bytes[this.#at++] = value;
  }

  #uint32(value: number): void {
    this.#uint16(value >>> 16);
    this.#uint16(value & 0xffff);
  }
}

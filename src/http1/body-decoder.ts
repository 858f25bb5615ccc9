/**
 * Cuts the body of one message out of the bytes by its framing. It hands back one piece at a time
 * and keeps no body byte itself; only trailers are gathered. Small chunks that come together are
 * one piece: who reads a body chunk by chunk, and writes it so, has much work with little.
 */

import { BlockCollector } from './block-collector.ts';
import { ChunkLine } from './chunk-line.ts';
import type { CodecErrorCode } from './codec-error.ts';
import { FieldScanner, failed } from './field-scanner.ts';
import type { HeaderList } from './header-list.ts';
import type { BodyFraming } from './message-head.ts';

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

const stateDone = 0;
const stateLength = 1;
const stateClose = 2;
const stateChunkLine = 3;
const stateChunkData = 4;
const stateChunkCr = 5;
const stateChunkLf = 6;
const stateTrailerFirst = 7;
const stateFinalLf = 8;
const stateTrailers = 9;
const stateFailed = 10;

/** A piece of fewer bytes takes in the next chunk, if it is here. */
const smallPieceBytes = 2048;
/** So many chunks become one piece at most. */
const joinedChunksMax = 64;

/** Fields that must not come after the body (RFC 9110 section 6.5.1): they frame or route it. */
const forbiddenTrailers: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'upgrade',
  'te',
  'trailer',
]);

interface TrailerLimits {
  readonly trailerBytes: number;
  readonly trailerCount: number;
  readonly chunkLineBytes: number;
}

export class BodyDecoder {
  /** The piece of body found by the last `read`: empty if `pieceStart === pieceEnd`. */
  pieceStart = 0;
  pieceEnd = 0;
  /** Of how many chunks it is made. */
  joined = 0;
  /** Set once the message is complete, if it has any. */
  trailers: HeaderList | null = null;
  error: CodecErrorCode | null = null;
  readonly #limits: TrailerLimits;
  readonly #line = new ChunkLine();
  #collector: BlockCollector | null = null;
  #state = stateDone;
  /** Bytes still to come of the body or the chunk. */
  #remaining = 0;

  constructor(limits: TrailerLimits) {
    this.#limits = limits;
  }

  get done(): boolean {
    return this.#state === stateDone;
  }

  get untilClose(): boolean {
    return this.#state === stateClose;
  }

  begin(framing: BodyFraming): void {
    this.trailers = null;
    this.error = null;
    switch (framing.kind) {
      case 'none':
        this.#state = stateDone;
        return;
      case 'length':
        this.#remaining = framing.length;
        this.#state = framing.length === 0 ? stateDone : stateLength;
        return;
      case 'chunked':
        this.#line.begin();
        this.#state = stateChunkLine;
        return;
      case 'close':
        this.#state = stateClose;
    }
  }

  /**
   * Reads on until a piece of body was found, the message is complete or wrong, or there are no
   * more bytes. Returns the position behind what was read. Bytes before it may have been moved.
   */
  read(bytes: Buffer, start: number, end: number): number {
    this.pieceStart = start;
    this.pieceEnd = start;
    this.joined = 0;
    let at = start;
    while (at < end && this.#state !== stateDone && this.#takesMore()) {
      if (this.#state === stateFailed) return at;
      at = this.#step(bytes, at, end);
    }
    return at;
  }

  #takesMore(): boolean {
    const length = this.pieceEnd - this.pieceStart;
    return length === 0 || (length < smallPieceBytes && this.joined < joinedChunksMax);
  }

  #step(bytes: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case stateChunkLine:
        return this.#readLine(bytes, at, end);
      case stateChunkCr:
        return this.#expect(bytes[at] === carriageReturn, stateChunkLf, at);
      case stateChunkLf:
        this.#line.begin();
        return this.#expect(bytes[at] === lineFeed, stateChunkLine, at);
      case stateTrailerFirst:
        if (bytes[at] === carriageReturn) return this.#expect(true, stateFinalLf, at);
        this.#state = stateTrailers;
        return at;
      case stateFinalLf:
        return this.#expect(bytes[at] === lineFeed, stateDone, at);
      case stateTrailers:
        return this.#readTrailers(bytes, at, end);
      default:
        return this.#readData(bytes, at, end);
    }
  }

  #readData(bytes: Buffer, at: number, end: number): number {
    const dataEnd = this.#state === stateClose ? end : Math.min(end, at + this.#remaining);
    this.#addPiece(bytes, at, dataEnd);
    if (this.#state === stateClose) return end;
    this.#remaining -= dataEnd - at;
    if (this.#remaining === 0) {
      this.#state = this.#state === stateLength ? stateDone : stateChunkCr;
    }
    return dataEnd;
  }

  /** What is in between are the sizes of chunks, which have been read. */
  #addPiece(bytes: Buffer, start: number, end: number): void {
    if (this.joined++ === 0) {
      this.pieceStart = start;
      this.pieceEnd = end;
      return;
    }
    bytes.copyWithin(this.pieceEnd, start, end);
    this.pieceEnd += end - start;
  }

  #readLine(bytes: Buffer, start: number, end: number): number {
    const line = this.#line;
    const at = line.read(bytes, start, end);
    if (line.length > this.#limits.chunkLineBytes) return this.#fail('chunk_line_too_long', at);
    if (line.isBad) return this.#fail('bad_chunk', at);
    if (!line.isDone) return at;
    this.#remaining = line.size;
    this.#state = line.size === 0 ? stateTrailerFirst : stateChunkData;
    return at;
  }

  #readTrailers(bytes: Buffer, start: number, end: number): number {
    const collector = this.#collector ?? new BlockCollector(this.#limits.trailerBytes);
    this.#collector = collector;
    const at = collector.take(bytes, start, end);
    if (collector.overflown) return this.#fail('headers_too_large', at);
    if (!collector.complete) return at;
    const error = this.#parseTrailers(collector.bytes, collector.length);
    this.#collector = null;
    if (error !== null) return this.#fail(error, at);
    this.#state = stateDone;
    return at;
  }

  #parseTrailers(block: Buffer, length: number): CodecErrorCode | null {
    const fields = new FieldScanner(this.#limits.trailerCount);
    fields.begin(block.toString('latin1', 0, length), 0);
    const result = fields.scan(block, 0, length);
    if (result === failed) return fields.error;
    const flat = fields.headers.flat;
    for (let i = 0; i < flat.length; i += 2) {
      if (forbiddenTrailers.has(flat[i] as string)) return 'bad_trailer';
    }
    this.trailers = fields.headers;
    return null;
  }

  /** One byte that has to be the right one. */
  #expect(isRight: boolean, next: number, at: number): number {
    if (!isRight) return this.#fail('bad_chunk', at);
    this.#state = next;
    return at + 1;
  }

  #fail(error: CodecErrorCode, at: number): number {
    this.#state = stateFailed;
    this.error = error;
    return at;
  }
}

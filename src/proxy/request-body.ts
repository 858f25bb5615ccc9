/**
 * The body of one request on its way up: written through to the attempt that has a connection, and
 * kept for a later attempt while there may be one and it is small enough.
 */

import { chunkEnd, chunkHead, writeLastChunk } from '../http1/head-writer.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { SocketWriter } from '../transport/socket-writer.ts';

/** Up to this size a piece of body is carried as latin-1 text and joined to what is around it. */
const textBytesMax = 16 * 1024;

export class RequestBody {
  readonly chunked: boolean;
  ended = false;

  /** Pieces from the start of the body; null once they are not kept any more. */
  #kept: (string | Buffer)[] | null = [];
  #keptBytes = 0;
  #trailers: HeaderList | null = null;
  #writer: SocketWriter | null = null;

  constructor(chunked: boolean) {
    this.chunked = chunked;
  }

  /** The whole body so far can be sent again. */
  get replayable(): boolean {
    return this.#kept !== null;
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Sends what there is so far to `writer`, and what follows as it comes. */
  attach(writer: SocketWriter): void {
    this.#writer = writer;
    for (const piece of this.#kept ?? []) this.#write(writer, piece);
    if (this.ended) this.#writeEnd(writer);
  }

  /** Hands everything so far to `copy`, which goes its own way from here. */
  copyTo(copy: RequestBody): void {
    for (const piece of this.#kept ?? []) copy.#keep(piece);
    if (this.ended) copy.end(this.#trailers);
  }

  detach(): void {
    this.#writer = null;
  }

  /** No further attempt will be made. */
  forget(): void {
    this.#kept = null;
    this.#keptBytes = 0;
  }

  /** The bytes are valid during the call only. */
  push(bytes: Buffer, start: number, end: number): void {
    const piece =
      end - start <= textBytesMax
        ? bytes.toString('latin1', start, end)
        : Buffer.from(bytes.subarray(start, end));
    if (this.#kept !== null) this.#keep(piece);
    if (this.#writer !== null) this.#write(this.#writer, piece);
  }

  end(trailers: HeaderList | null): void {
    this.ended = true;
    this.#trailers = trailers;
    if (this.#writer !== null) this.#writeEnd(this.#writer);
  }

  #keep(piece: string | Buffer): void {
    this.#kept?.push(piece);
    this.#keptBytes += piece.length;
  }

  #write(writer: SocketWriter, piece: string | Buffer): void {
    if (!this.chunked) {
      writer.chunk(piece);
      return;
    }
    writer.text(chunkHead(piece.length));
    writer.chunk(piece);
    writer.text(chunkEnd);
  }

  #writeEnd(writer: SocketWriter): void {
    if (this.chunked) writer.text(writeLastChunk(this.#trailers));
  }
}

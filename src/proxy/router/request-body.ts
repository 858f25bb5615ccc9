/**
 * The body of one request on its way up: written through to the attempt that has a stream, and
 * kept for a later attempt while there may be one and it is small enough.
 */

import type { HeaderList } from '../../http1/header-list.ts';
import type { UpstreamStream } from '../../transport/upstream-stream.ts';

/** Up to this size a piece of body is carried as latin-1 text and joined to what is around it. */
const textBytesMax = 16 * 1024;

export class RequestBody {
  ended = false;

  /** Pieces from the start of the body; null once they are not kept any more. */
  #kept: (string | Buffer)[] | null = [];
  #keptBytes = 0;
  #trailers: HeaderList | null = null;
  #stream: UpstreamStream | null = null;

  /** The whole body so far can be sent again. */
  get replayable(): boolean {
    return this.#kept !== null;
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Sends what there is so far to `stream`, and what follows as it comes. */
  attach(stream: UpstreamStream): void {
    this.#stream = stream;
    for (const piece of this.#kept ?? []) stream.sendBody(piece);
    if (this.ended) stream.sendEnd(this.#trailers);
  }

  /** Hands everything so far to `copy`, which goes its own way from here. */
  copyTo(copy: RequestBody): void {
    for (const piece of this.#kept ?? []) copy.#keep(piece);
    if (this.ended) copy.end(this.#trailers);
  }

  detach(): void {
    this.#stream = null;
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
    this.#stream?.sendBody(piece);
  }

  end(trailers: HeaderList | null): void {
    this.ended = true;
    this.#trailers = trailers;
    this.#stream?.sendEnd(trailers);
  }

  #keep(piece: string | Buffer): void {
    this.#kept?.push(piece);
    this.#keptBytes += piece.length;
  }
}

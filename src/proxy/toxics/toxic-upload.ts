/** Takes the body of a request from the client no faster than a toxic allows. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { RequestReader } from '../downstream/downstream.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { PacedQueue, type PacedReceiver } from './paced-queue.ts';

export interface ToxicUploadOwner {
  readonly context: ProxyContext;
  /** The bytes are valid during the call only. */
  onUploadBytes(bytes: Buffer, start: number, end: number): void;
  onUploadEnd(trailers: HeaderList | null): void;
}

export class ToxicUpload implements PacedReceiver, RequestReader {
  readonly #queue: PacedQueue;
  readonly #owner: ToxicUploadOwner;
  readonly #connection: RequestReader;
  /**
   * Bytes that may wait before reading pauses. That is not the first one: a client that leaves is
   * noticed only while its connection is read.
   */
  readonly #queueMax: number;
  #wanted = true;
  #ended = false;
  #trailers: HeaderList | null = null;

  constructor(
    options: { readonly bytesPerSecond: number; readonly queueMax: number },
    owner: ToxicUploadOwner,
    connection: RequestReader,
  ) {
    const { bytesPerSecond, queueMax } = options;
    this.#queue = new PacedQueue({ bytesPerSecond, held: false }, this, owner.context);
    this.#queueMax = queueMax;
    this.#owner = owner;
    this.#connection = connection;
  }

  /** The bytes are valid during the call only. */
  push(bytes: Buffer, start: number, end: number): void {
    this.#queue.push(bytes, start, end);
    this.#adjustReading();
  }

  end(trailers: HeaderList | null): void {
    this.#ended = true;
    this.#trailers = trailers;
    this.#connection.resumeReading();
    if (this.#queue.queuedBytes === 0) this.#owner.onUploadEnd(trailers);
  }

  /** The endpoint takes no more for now. */
  pauseReading(): void {
    this.#wanted = false;
    this.#queue.hold();
    this.#adjustReading();
  }

  resumeReading(): void {
    this.#wanted = true;
    this.#queue.release();
    this.#adjustReading();
  }

  /** What waits is dropped. */
  cancel(): void {
    this.#queue.cancel();
  }

  onPacedBytes(bytes: Buffer, start: number, end: number): void {
    this.#owner.onUploadBytes(bytes, start, end);
    this.#adjustReading();
  }

  onPacedEmpty(): void {
    if (this.#ended) this.#owner.onUploadEnd(this.#trailers);
  }

  #adjustReading(): void {
    // What follows is the next request, which is none of our business.
    if (this.#ended) return;
    if (!this.#wanted || this.#queue.queuedBytes > this.#queueMax) this.#connection.pauseReading();
    else this.#connection.resumeReading();
  }
}

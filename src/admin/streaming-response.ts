/** Bodies of the admin API that are not made at once. */

import type { Readable } from 'node:stream';

/** A body that has an end, and is too long to be made at once. */
export interface LongBody {
  /** Called once, when the head has been sent; never for HEAD. */
  open(): Readable;
}

/** Writes a body whose end is not known. Called when the head has been sent; never for HEAD. */
export type StreamBody = (stream: StreamingResponse) => void;

/** One on which nothing moves for 90 s is ended: what is long quiet says so now and then. */
export interface StreamingResponse {
  /** Written, and not taken by the reader's connection yet. */
  readonly unreadBytes: number;
  /** What comes after the end is dropped. A reader that leaves 1 MiB unread is cut off. */
  write(chunk: string | Uint8Array): void;
  /** All of `source`, no faster than it is read, and the end. */
  pipe(source: Readable): void;
  end(): void;
  /** Called once: after the end, when the reader has left, or when the API closes. */
  onClose(callback: () => void): void;
}

/** The responses of the admin API that have no known end: how many, how slow, and until when. */

import type { ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type { StreamingResponse } from './streaming-response.ts';

/** Each may hold what its writer subscribed to, and up to `maxUnreadBytes`. */
const maxOpenStreams = 32;
const maxUnreadBytes = 1024 * 1024;

export class OpenStreams {
  readonly #open = new Set<ServerResponseStream>();

  get full(): boolean {
    return this.#open.size >= maxOpenStreams;
  }

  /** The head has been written. */
  start(response: ServerResponse): StreamingResponse {
    const stream = new ServerResponseStream(response);
    this.#open.add(stream);
    onceClosed(response, () => this.#open.delete(stream));
    return stream;
  }

  end(): void {
    for (const stream of this.#open) stream.end();
  }
}

class ServerResponseStream implements StreamingResponse {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  write(chunk: string | Uint8Array): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    response.write(chunk);
    if (response.writableLength > maxUnreadBytes) response.destroy();
  }

  pipe(source: Readable): void {
    // An error has ended the response already, and its reader sees that it is not whole.
    pipeline(source, this.#response, () => undefined);
  }

  end(): void {
    this.#response.end();
  }

  onClose(callback: () => void): void {
    onceClosed(this.#response, callback);
  }
}

/** At once if it is closed already. */
export function onceClosed(response: ServerResponse, callback: () => void): void {
  if (response.closed) callback();
  else response.once('close', callback);
}

/** A file, or standard output, that whole buffers are appended to. */

import { close, open, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Timers } from '../base/timers.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** How long to leave a pipe alone whose reader is slow. */
const retryMs = 10;

const standardStreams: Readonly<Record<string, number>> = {
  '-': 1,
  '/dev/stdout': 1,
  '/dev/stderr': 2,
};

export class LogFile {
  readonly #path: string;
  readonly #timers: Timers;
  #descriptor: number;

  private constructor(path: string, descriptor: number, timers: Timers) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#timers = timers;
  }

  /** Rejects with the error of the system where the file cannot be opened. */
  static async open(path: string, timers: Timers): Promise<LogFile> {
    return new LogFile(path, await openDescriptor(path), timers);
  }

  /** Writes all of it. Rejects when the system refuses; some of it may have been written then. */
  async append(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      try {
        const result = await writeFile(
          this.#descriptor,
          bytes,
          offset,
          bytes.length - offset,
          null,
        );
        offset += result.bytesWritten;
      } catch (error) {
        // A full pipe that does not block says so; Node waits for none but its own streams.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await new Promise<void>((resolve) => this.#timers.set(retryMs, resolve));
      }
    }
  }

  /** Opens the path again after the file was renamed away. Must not run beside an `append`. */
  async reopen(): Promise<void> {
    const descriptor = await openDescriptor(this.#path);
    await this.close();
    this.#descriptor = descriptor;
  }

  async close(): Promise<void> {
    if (this.#path in standardStreams) return;
    await closeFile(this.#descriptor);
  }
}

async function openDescriptor(path: string): Promise<number> {
  // Not for everyone to read: requests tell about people.
  return standardStreams[path] ?? (await openFile(path, 'a', 0o640));
}

/** A file, or standard output, that whole buffers are appended to. */

import { close, constants, fstatSync, open, write } from 'node:fs';
import { promisify } from '../../base/node-util.ts';
import { ownValue } from '../../base/own-value.ts';
import type { Timers } from '../../base/timers.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** How long to leave a pipe alone whose reader is slow, at first and at last. */
const shortestPauseMs = 1;
const longestPauseMs = 10;

const standardStreams: Readonly<Record<string, number>> = {
  '-': 1,
  '/dev/stdout': 1,
  '/dev/stderr': 2,
};

/** A write that waits for a reader holds one of few threads, and the process at its end. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;

const lineEnd = Buffer.from('\n');

export class LogFile {
  readonly #path: string;
  readonly #timers: Timers;
  #descriptor: number;
  /** The write that has the descriptor; null while none has. */
  #writing: Promise<{ readonly bytesWritten: number }> | null = null;
  #closed = false;
  /** The system took a part of a line and refused the rest, as a disk does that is full. */
  #isTorn = false;

  private constructor(path: string, descriptor: number, timers: Timers) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#timers = timers;
  }

  /** Rejects with the error of the system where the file cannot be opened. */
  static async open(path: string, timers: Timers): Promise<LogFile> {
    return new LogFile(path, await openDescriptor(path), timers);
  }

  /**
   * Writes all of it. Rejects when the system refuses, or when the file is closed meanwhile; some
   * of it may have been written then.
   */
  async append(bytes: Uint8Array): Promise<void> {
    // The next line must not go on where the torn one ends.
    if (this.#isTorn) await this.#writeAll(lineEnd);
    await this.#writeAll(bytes);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    let pauseMs = shortestPauseMs;
    while (offset < bytes.length) {
      if (this.#closed) throw new Error('closed before everything was written');
      const written = await this.#write(bytes.subarray(offset));
      offset += written;
      if (written > 0) this.#isTorn = bytes[offset - 1] !== lineEnd[0];
      pauseMs = written > 0 ? shortestPauseMs : Math.min(2 * pauseMs, longestPauseMs);
      if (written === 0) await this.#pause(pauseMs);
    }
  }

  /** Opens the path again after the file was renamed away. Must not run beside an `append`. */
  async reopen(): Promise<void> {
    const descriptor = await openDescriptor(this.#path);
    await closeDescriptor(this.#descriptor);
    this.#descriptor = descriptor;
    this.#isTorn = false;
  }

  /** Waits for the write under way: to what is opened next its number would be given again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing?.catch(() => {});
    await closeDescriptor(this.#descriptor);
  }

  /** The number of bytes; 0 when a pipe is full. */
  async #write(bytes: Uint8Array): Promise<number> {
    this.#writing = writeFile(this.#descriptor, bytes, 0, bytes.length, null);
    try {
      return (await this.#writing).bytesWritten;
    } catch (error) {
      // Node waits for none but its own streams.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return 0;
    } finally {
      this.#writing = null;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.set(ms, resolve);
    });
  }
}

async function openDescriptor(path: string): Promise<number> {
  const standard = ownValue(standardStreams, path);
  if (standard !== undefined) return await openStandard(standard);
  // Not for everyone to read: requests tell about people.
  return await openFile(path, appending | constants.O_CREAT, 0o640);
}

/** Of a pipe another description, for others share this one and may count on it to wait. */
async function openStandard(descriptor: number): Promise<number> {
  if (!fstatSync(descriptor).isFIFO()) return descriptor;
  try {
    return await openFile(`/proc/self/fd/${descriptor}`, appending);
  } catch {
    // Not Linux, or the pipe is another user's.
    return descriptor;
  }
}

async function closeDescriptor(descriptor: number): Promise<void> {
  if (!Object.values(standardStreams).includes(descriptor)) await closeFile(descriptor);
}

/**
 * Passes on what workers write to standard output where that is a pipe: written by several
 * processes at once, lines in long pieces would tear each other apart.
 */

import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';

const newline = 0x0a;

/** Standard output is one that only one process at a time may write to. */
export function needsRelay(): boolean {
  const output = fstatSync(1);
  return output.isFIFO() || output.isSocket();
}

export class LineRelay {
  readonly #append: (bytes: Uint8Array) => Promise<void>;
  /** What is being written, and all that waits behind it. */
  #writing: Promise<void> = Promise.resolve();

  /** `append` writes all of it. */
  constructor(append: (bytes: Uint8Array) => Promise<void>) {
    this.#append = append;
  }

  /** Until the worker has ended. It is read no faster than lines can be written. */
  async pass(output: Readable): Promise<void> {
    let rest: Uint8Array = Buffer.alloc(0);
    for await (const chunk of output as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(newline) + 1;
      const whole = chunk.subarray(0, end);
      if (end > 0) await this.#write(Buffer.concat([rest, whole]));
      rest = end > 0 ? chunk.subarray(end) : Buffer.concat([rest, chunk]);
    }
    if (rest.length > 0) await this.#write(rest);
  }

  /** A reader that has gone takes no more lines; the worker goes on. */
  async #write(bytes: Uint8Array): Promise<void> {
    this.#writing = this.#writing.then(() => this.#append(bytes)).catch(() => undefined);
    await this.#writing;
  }
}

/**
 * What the sockets of a process share when they write: the end of the turn, and a buffer for bytes
 * that cannot stay where they were read. A buffer of its own for each piece costs 40 % of the CPU
 * time of a large stream (measured).
 */

import type { Socket } from 'node:net';
import { TurnQueue } from '../base/turn-queue.ts';

/** As much as one read brings. */
const bufferBytes = 64 * 1024;

export class WriteQueue extends TurnQueue {
  /** null: a socket still has it. */
  #buffer: Buffer | null = null;

  /** Writes a copy of bytes that are valid during the call only. */
  writeCopy(socket: Socket, bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (socket.writableLength > 0 || length > bufferBytes) {
      // It has to wait, so it gets no more room than it needs.
      socket.write(Buffer.from(bytes.subarray(start, end)));
      return;
    }
    const buffer = this.#buffer ?? Buffer.allocUnsafeSlow(bufferBytes);
    bytes.copy(buffer, 0, start, end);
    socket.write(buffer.subarray(0, length));
    // What the system has taken at once is not looked at again.
    this.#buffer = socket.writableLength === 0 ? buffer : null;
  }
}

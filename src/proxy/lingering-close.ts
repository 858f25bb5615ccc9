/**
 * The end of a client's connection after its last byte: it is half-closed, and read for a moment so
 * that the client sees no reset. What is queued is still delivered, if the client takes some of it
 * now and then.
 */

import { TimerEntry } from '../base/timer-wheel.ts';
import type { DownstreamConnection } from './downstream-connection.ts';

export class LingeringClose extends TimerEntry {
  readonly #connection: DownstreamConnection;
  /** Clock.now() when the client last took bytes. */
  #since: number;
  #queuedBytes = Number.POSITIVE_INFINITY;

  constructor(connection: DownstreamConnection) {
    super();
    this.#connection = connection;
    this.#since = connection.context.clock.now();
    this.#wait();
  }

  onTimeout(): void {
    const { context, listener, writer } = this.#connection;
    const now = context.clock.now();
    const queued = writer.bufferedBytes;
    if (queued < this.#queuedBytes) this.#since = now;
    this.#queuedBytes = queued;
    const isStuck = now - this.#since > listener.model.limits.slowReaderMs;
    if (queued === 0 || isStuck) this.#connection.destroy();
    else this.#wait();
  }

  #wait(): void {
    const { context, listener } = this.#connection;
    context.wheel.arm(this, listener.model.limits.closeLingerMs);
  }
}

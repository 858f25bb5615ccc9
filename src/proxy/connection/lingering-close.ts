/**
 * The end of a client's connection after its last byte: it is half-closed, and read for a moment so
 * that the client sees no reset. What is queued is still delivered, if the client takes some of it
 * now and then.
 */

import { TimerEntry } from '../../base/timer-wheel.ts';
import { DeliveryWatch } from '../timeouts/delivery-watch.ts';
import type { DownstreamConnection } from './downstream-connection.ts';

export class LingeringClose extends TimerEntry {
  readonly #connection: DownstreamConnection;
  readonly #watch: DeliveryWatch;

  constructor(connection: DownstreamConnection) {
    super();
    this.#connection = connection;
    this.#watch = new DeliveryWatch(connection.context.clock.now());
    this.#wait();
  }

  onTimeout(): void {
    const { context, listener, writer } = this.#connection;
    const queued = writer.bufferedBytes;
    const stuckMs = this.#watch.stuckMs(queued, context.clock.now());
    const isStuck = stuckMs > listener.model.limits.slowReaderMs;
    if (queued === 0 || isStuck) this.#connection.destroy();
    else this.#wait();
  }

  #wait(): void {
    const { context, listener } = this.#connection;
    context.wheel.arm(this, listener.model.limits.closeLingerMs);
  }
}

/** The exchanges that wait for a connection to one endpoint, in order. */

import type { UpstreamExchange, UpstreamFailure } from './upstream-exchange.ts';
import type { ConnectionGate } from './upstream-pool.ts';

export class WaitingExchanges {
  readonly #gate: ConnectionGate;
  readonly #queue: UpstreamExchange[] = [];

  constructor(gate: ConnectionGate) {
    this.#gate = gate;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** False: there are as many as may be. */
  tryAdd(exchange: UpstreamExchange): boolean {
    if (!this.#gate.tryPend()) return false;
    this.#queue.push(exchange);
    return true;
  }

  /** Takes the one that has waited longest. */
  next(): UpstreamExchange | null {
    const next = this.#queue.shift();
    if (next === undefined) return null;
    this.#gate.pendingDone();
    return next;
  }

  /** It does not want a connection any more. Does nothing for one that does not wait. */
  cancel(exchange: UpstreamExchange): void {
    const index = this.#queue.indexOf(exchange);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    this.#gate.pendingDone();
    this.#gate.stats.upstreamRqCancelled++;
  }

  /** As in Envoy nobody waits on at an endpoint that does not let one in, whatever is under way. */
  failAll(failure: UpstreamFailure, message: string): void {
    // A retry may queue up again meanwhile: that is another try.
    for (let left = this.#queue.length; left > 0; left--) {
      this.#gate.stats.upstreamRqPendingFailureEject++;
      this.next()?.onFailure(failure, message);
    }
  }
}

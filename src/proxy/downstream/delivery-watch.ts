/** Whether a client takes what is queued for it: looked at now and then, without a timer of its own. */

export class DeliveryWatch {
  /** Clock.now() when some of it was last seen to have gone. */
  #since: number;
  #queuedBytes = Number.POSITIVE_INFINITY;

  constructor(now: number) {
    this.#since = now;
  }

  /** For how long nothing has gone, in milliseconds, as far as earlier looks tell. */
  stuckMs(queuedBytes: number, now: number): number {
    if (queuedBytes < this.#queuedBytes) this.#since = now;
    this.#queuedBytes = queuedBytes;
    return now - this.#since;
  }
}

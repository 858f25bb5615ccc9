/** Whether a reader takes what is queued for it: looked at now and then, without a timer of its own. */

export class DeliveryWatch {
  /** Clock.now() when some of it was last seen to have gone. */
  #since: number;
  #queuedBytes: number;

  /** `queuedBytes`: what waits for it now, where that is known; else the first look begins to count. */
  constructor(now: number, queuedBytes = Number.POSITIVE_INFINITY) {
    this.#since = now;
    this.#queuedBytes = queuedBytes;
  }

  /** For how long nothing has gone, in milliseconds, as far as earlier looks tell. */
  stuckMs(queuedBytes: number, now: number): number {
    if (queuedBytes < this.#queuedBytes) this.#since = now;
    this.#queuedBytes = queuedBytes;
    return now - this.#since;
  }
}

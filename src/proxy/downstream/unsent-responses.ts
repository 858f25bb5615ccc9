/**
 * Responses that are complete here, and that the client's windows hold up: their exchanges are over,
 * and nobody else waits for them.
 */

import { errorCode } from '../../http2/protocol.ts';
import type { Http2Stream } from '../../http2/session-types.ts';
import { DeliveryWatch } from '../timeouts/delivery-watch.ts';

interface Unsent {
  readonly stream: Http2Stream;
  readonly watch: DeliveryWatch;
}

/** So many may be kept that have been sent meanwhile. */
const sweepMin = 32;

export class UnsentResponses {
  #all: Unsent[] = [];
  /** With so many it is time to look for those that have been sent. */
  #sweepAt = sweepMin;

  /** As of the last look. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  add(stream: Http2Stream, now: number): void {
    const watch = new DeliveryWatch(now);
    watch.stuckMs(stream.queuedBytes, now);
    this.#all.push({ stream, watch });
    if (this.#all.length >= this.#sweepAt) this.#sweep();
  }

  /** Resets those of which the client has taken nothing for `limitMs`. */
  cutOff(limitMs: number, now: number): void {
    for (const { stream, watch } of this.#all) {
      if (stream.closed) continue;
      if (watch.stuckMs(stream.queuedBytes, now) >= limitMs) stream.reset(errorCode.cancel);
    }
    this.#sweep();
  }

  #sweep(): void {
    this.#all = this.#all.filter(({ stream }) => !stream.closed);
    // Twice as many, so that a look costs each response little.
    this.#sweepAt = Math.max(sweepMin, this.#all.length * 2);
  }
}

/**
 * Faults within attempts (annotation `sluice.dev/fault-in-attempt`): drawn anew for each attempt and
 * standing for what its endpoint does. No endpoint is chosen for an attempt that is aborted.
 */

import type { Timer } from '../../base/timers.ts';
import type { FaultAbortReply, FaultFilter } from '../filters/fault.ts';
import type { ProxyContext } from '../proxy-context.ts';

export interface AttemptFaultOwner {
  readonly context: ProxyContext;
  /** Milliseconds that the attempt is delayed. */
  onFaultDelay(delayMs: number): void;
  /** The delay is over: the attempt is to be made. */
  onFaultOver(): void;
  onFaultAbort(abort: FaultAbortReply): void;
  /** The delay is longer than perTryTimeout. */
  onFaultTimeout(): void;
}

export class AttemptFault {
  /** Milliseconds that the attempt under way has been delayed. */
  delayedMs = 0;
  readonly #filter: FaultFilter;
  readonly #owner: AttemptFaultOwner;
  #timer: Timer | null = null;

  constructor(filter: FaultFilter, owner: AttemptFaultOwner) {
    this.#filter = filter;
    this.#owner = owner;
  }

  /** False: nothing happens to this attempt. True: the owner will hear what does, perhaps at once. */
  strikes(perTryTimeoutMs: number): boolean {
    const owner = this.#owner;
    const { random, timers } = owner.context;
    const delayMs = this.#filter.drawDelay(random);
    const abort = this.#filter.drawAbort(random);
    this.delayedMs = 0;
    if (delayMs > 0) {
      const timesOut = perTryTimeoutMs > 0 && perTryTimeoutMs <= delayMs;
      this.delayedMs = timesOut ? perTryTimeoutMs : delayMs;
      owner.onFaultDelay(this.delayedMs);
      this.#timer = timers.set(this.delayedMs, () => {
        this.#timer = null;
        if (timesOut) owner.onFaultTimeout();
        else if (abort !== null) owner.onFaultAbort(abort);
        else owner.onFaultOver();
      });
      return true;
    }
    if (abort !== null) owner.onFaultAbort(abort);
    return abort !== null;
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}

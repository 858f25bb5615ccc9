/**
 * Ends the wait for an endpoint that shows no sign of life for too long. A sign only notes the
 * time: the timer is armed anew when it fires.
 */

import { TimerEntry } from '../../base/timer-wheel.ts';
import type { PauseWatchOwner } from './pause-watch-owner.ts';

export class IdleWatch extends TimerEntry {
  readonly #owner: PauseWatchOwner;
  readonly #timeoutMs: number;
  #aliveAt = 0;

  constructor(owner: PauseWatchOwner, timeoutMs: number) {
    super();
    this.#owner = owner;
    this.#timeoutMs = timeoutMs;
  }

  /** `now`: Clock.now(). */
  start(now: number): void {
    this.stop();
    this.#aliveAt = now;
    this.#owner.context.wheel.arm(this, this.#timeoutMs, now);
  }

  stop(): void {
    if (this.armed) this.#owner.context.wheel.disarm(this);
  }

  signOfLife(): void {
    this.#aliveAt = this.#owner.context.clock.now();
  }

  onTimeout(): void {
    const { wheel, clock } = this.#owner.context;
    const now = clock.now();
    const leftMs = this.#aliveAt + this.#timeoutMs - now;
    if (leftMs > 0) wheel.arm(this, leftMs, now);
    else if (this.#owner.clientIsSlow) this.start(now);
    else this.#owner.onPauseTooLong();
  }
}

/**
 * Ends an attempt whose endpoint takes nothing of the request for too long, while some of it waits
 * to be sent (nginx proxy_send_timeout). Nothing is noted for a write: what waits is looked at in
 * parts of the time, so that the end comes up to one part later.
 */

import { TimerEntry } from '../../base/timer-wheel.ts';
import type { PauseWatchOwner } from './pause-watch-owner.ts';

const parts = 4;

export class SendWatch extends TimerEntry {
  readonly #owner: PauseWatchOwner;
  readonly #partMs: number;
  #unsent = 0;
  /** Parts of the time in which nothing was taken, one after the other. */
  #stuckParts = 0;
  #hasMoved = false;

  constructor(owner: PauseWatchOwner, timeoutMs: number) {
    super();
    this.#owner = owner;
    this.#partMs = Math.ceil(timeoutMs / parts);
  }

  start(): void {
    this.stop();
    this.#unsent = 0;
    this.#stuckParts = 0;
    this.#arm();
  }

  stop(): void {
    if (this.armed) this.#owner.context.wheel.disarm(this);
  }

  /** More has come, or all that waited was taken: how much waits says nothing of this part. */
  move(): void {
    this.#hasMoved = true;
  }

  onTimeout(): void {
    const { unsentBytes, requestSent } = this.#owner;
    if (unsentBytes === 0 && requestSent) return;
    const isStuck = unsentBytes > 0 && unsentBytes === this.#unsent && !this.#hasMoved;
    this.#stuckParts = isStuck ? this.#stuckParts + 1 : 0;
    this.#unsent = unsentBytes;
    this.#hasMoved = false;
    if (this.#stuckParts === parts) this.#owner.onPauseTooLong();
    else this.#arm();
  }

  #arm(): void {
    const { wheel, clock } = this.#owner.context;
    wheel.arm(this, this.#partMs, clock.now());
  }
}

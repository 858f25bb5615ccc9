/** Asks an endpoint by PING, now and then, whether it is still there (Istio http2KeepAlive). */

import { TimerEntry, type TimerWheel } from '../base/timer-wheel.ts';
import type { KeepaliveSettings } from './upstream-pool.ts';

export interface KeepaliveOwner {
  ping(): void;
  /** No answer, nor anything else, has come in time. */
  onSilence(): void;
}

export class Http2Keepalive extends TimerEntry {
  readonly #owner: KeepaliveOwner;
  readonly #settings: KeepaliveSettings;
  readonly #wheel: TimerWheel;
  /** A PING is not answered yet. */
  #waiting = false;
  /** Bytes have come since the timer was armed. */
  #heard = false;

  constructor(owner: KeepaliveOwner, settings: KeepaliveSettings, wheel: TimerWheel) {
    super();
    this.#owner = owner;
    this.#settings = settings;
    this.#wheel = wheel;
  }

  start(): void {
    this.#wheel.arm(this, this.#settings.intervalMs);
  }

  stop(): void {
    this.#wheel.disarm(this);
  }

  onBytes(): void {
    this.#heard = true;
  }

  onAnswer(): void {
    this.#waiting = false;
    this.start();
  }

  onTimeout(): void {
    // The answer may be behind much else, which shows that there is somebody, too.
    if (this.#waiting && !this.#heard) {
      this.#owner.onSilence();
      return;
    }
    this.#heard = false;
    this.#wheel.arm(this, this.#settings.timeoutMs);
    if (this.#waiting) return;
    this.#waiting = true;
    this.#owner.ping();
  }
}

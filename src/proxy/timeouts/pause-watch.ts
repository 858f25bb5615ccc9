/**
 * How long an endpoint may pause: while it takes a request, and from then on until its answer has
 * ended. Routes without such limits have none of this.
 */

import type { RouterTask } from '../router/router-task.ts';
import { IdleWatch } from './idle-watch.ts';
import type { PauseWatchOwner } from './pause-watch-owner.ts';
import { SendWatch } from './send-watch.ts';

export class PauseWatch {
  readonly #sending: SendWatch | null;
  readonly #idle: IdleWatch | null;

  private constructor(sending: SendWatch | null, idle: IdleWatch | null) {
    this.#sending = sending;
    this.#idle = idle;
  }

  /** null where nothing is bounded. */
  static of(
    owner: PauseWatchOwner,
    { body, sendTimeoutMs, idleTimeoutMs }: RouterTask,
  ): PauseWatch | null {
    const isSent = sendTimeoutMs > 0 && body !== null;
    if (!isSent && idleTimeoutMs === 0) return null;
    return new PauseWatch(
      isSent ? new SendWatch(owner, sendTimeoutMs) : null,
      idleTimeoutMs > 0 ? new IdleWatch(owner, idleTimeoutMs) : null,
    );
  }

  /** There is an endpoint to send to. */
  onReady(): void {
    this.#sending?.start();
  }

  /** More is to be sent, or all that waited has been. */
  onSendProgress(): void {
    this.#sending?.move();
  }

  /** The endpoint has been handed the whole request. `now`: Clock.now(). */
  onRequestSent(now: number): void {
    this.#idle?.start(now);
  }

  /** Something of an answer has come. */
  onSignOfLife(): void {
    this.#idle?.signOfLife();
  }

  stop(): void {
    this.#sending?.stop();
    this.#idle?.stop();
  }
}

/**
 * Connections on their way from a listening socket to whoever serves them: so many in each turn of
 * the event loop. libuv accepts all that wait for it in one go, and to begin with a connection
 * costs more than a request on it: hundreds that come at once would hold up everybody else.
 */

import type { AcceptedHandle } from './accept.ts';

/** As many as requests of one connection begin in a turn. */
export const connectionsPerTurn = 16;

/** Beyond these a connection goes on at once, to whoever knows limits and refuses it. */
export const waitingMax = 1024;

export class AcceptQueue {
  readonly #onConnection: (handle: AcceptedHandle) => void;
  /** Accepted and not read, in the order in which they came. */
  readonly #waiting: AcceptedHandle[] = [];
  /** Handed on in this turn. */
  #handed = 0;
  readonly #onTurnEnd = (): void => this.#goOn();

  constructor(onConnection: (handle: AcceptedHandle) => void) {
    this.#onConnection = onConnection;
  }

  add(handle: AcceptedHandle): void {
    const waiting = this.#waiting.length;
    if (waiting >= waitingMax) {
      this.#onConnection(handle);
    } else if (waiting > 0 || this.#handed === connectionsPerTurn) {
      this.#waiting.push(handle);
    } else {
      if (this.#handed === 0) setImmediate(this.#onTurnEnd);
      this.#handed++;
      this.#onConnection(handle);
    }
  }

  /** Hands on all that wait: none comes any more. */
  flush(): void {
    for (const handle of this.#waiting.splice(0)) this.#onConnection(handle);
  }

  #goOn(): void {
    this.#handed = 0;
    if (this.#waiting.length === 0) return;
    // What is handed on now counts for this turn; none that comes meanwhile overtakes.
    const now = this.#waiting.splice(0, connectionsPerTurn);
    if (this.#waiting.length > 0) setImmediate(this.#onTurnEnd);
    for (const handle of now) this.#onConnection(handle);
  }
}

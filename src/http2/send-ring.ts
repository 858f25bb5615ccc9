/** The queues of a connection that can send, in the order of their turns. */

import type { SendQueue } from './send-queue.ts';

export class SendRing {
  first: SendQueue | null = null;
  #last: SendQueue | null = null;

  add(queue: SendQueue): void {
    queue.inRing = true;
    queue.previous = this.#last;
    if (this.#last === null) this.first = queue;
    else this.#last.next = queue;
    this.#last = queue;
  }

  /** Wherever it stands. */
  remove(queue: SendQueue): void {
    if (!queue.inRing) return;
    const { previous, next } = queue;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    queue.previous = null;
    queue.next = null;
    queue.inRing = false;
  }
}

/** Messages over a socket, each a line of JSON. */

import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Timers } from '../../base/timers.ts';

export class LineConnection<Incoming extends object, Outgoing extends object> {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  readonly #timers: Timers;

  constructor(socket: Socket, timers: Timers) {
    this.#socket = socket;
    this.#timers = timers;
    // Whatever brought it about, the end is the end.
    socket.on('error', () => undefined);
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  send(message: Outgoing): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The next message; null: there is none, or it is no JSON. */
  async next(): Promise<Incoming | null> {
    try {
      const { value, done } = await this.#lines.next();
      return done === true ? null : (JSON.parse(value) as Incoming);
    } catch {
      return null;
    }
  }

  /** The same; null, too, where none comes within `ms` milliseconds. */
  async nextWithin(ms: number): Promise<Incoming | null> {
    const late = Promise.withResolvers<null>();
    const timer = this.#timers.set(ms, () => late.resolve(null));
    const next = await Promise.race([this.next(), late.promise]);
    timer.cancel();
    return next;
  }

  /** What was said still arrives. */
  close(): void {
    this.#socket.end();
  }
}

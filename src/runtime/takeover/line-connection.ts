/** Messages over a socket, each a line of JSON. */

import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

export class LineConnection<Incoming extends object, Outgoing extends object> {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: Socket) {
    this.#socket = socket;
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

  /** What was said still arrives. */
  close(): void {
    this.#socket.end();
  }
}

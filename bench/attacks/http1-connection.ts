/** HTTP/1.1 as the client that behaves speaks it: bytes that are ready, one request at a time. */

import type { Socket } from 'node:net';
import { goodOutcome } from './answer.ts';
import { type Connection, listenForEnd, type OnOutcome } from './connection.ts';
import { authority, goodBody, goodPath } from './setup.ts';

const request = `GET ${goodPath} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`;
const length = `\r\ncontent-length: ${goodBody.length}\r\n`;
const headEnd = '\r\n\r\n';

export class Http1Connection implements Connection {
  readonly #socket: Socket;
  #received = '';
  #onOutcome: OnOutcome | null = null;
  #hasEnded = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => this.#receive(text));
    listenForEnd(socket, (reason) => {
      this.#hasEnded = true;
      this.#end(reason);
    });
  }

  get isFree(): boolean {
    return !this.#hasEnded && this.#onOutcome === null;
  }

  request(onOutcome: OnOutcome): void {
    this.#onOutcome = onOutcome;
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#hasEnded = true;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const bodyAt = this.#received.indexOf(headEnd) + headEnd.length;
    if (bodyAt < headEnd.length) return;
    const status = this.#received.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3);
    const isWhole = this.#received.length >= bodyAt + goodBody.length;
    if (status === goodOutcome && !isWhole) return;
    const isRight =
      this.#received.slice(0, bodyAt).toLowerCase().includes(length) &&
      this.#received.slice(bodyAt) === goodBody;
    this.#received = '';
    if (status === goodOutcome && isRight) {
      this.#end(goodOutcome);
    } else {
      this.close();
      this.#end(status === goodOutcome ? 'wrong body' : status);
    }
  }

  #end(outcome: string): void {
    const onOutcome = this.#onOutcome;
    this.#onOutcome = null;
    onOutcome?.(outcome);
  }
}

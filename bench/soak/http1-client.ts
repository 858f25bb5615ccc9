/** HTTP/1.1 on raw sockets: keeps connections, gives some up, and leaves where it is to. */

import { connect, type Socket } from 'node:net';
import { bodyOf } from './bodies.ts';
import type { LoadClient, LoadClientOptions } from './load-client.ts';
import type { SoakRequest } from './requests.ts';
import { authority } from './rules.ts';
import { fieldOf } from './soak-endpoint.ts';

/** A connection is closed after so many requests, each after a number of its own. */
const fewestRequests = 50;
const moreRequests = 500;
/** One that nobody needed for so long is closed: a burst of them does not stay, milliseconds. */
const longestIdleMs = 3_000;

export class Http1Client implements LoadClient {
  readonly options: LoadClientOptions;
  readonly #idle: ClientConnection[] = [];
  readonly #open = new Set<ClientConnection>();
  #isClosing = false;

  constructor(options: LoadClientOptions) {
    this.options = options;
  }

  get open(): number {
    return this.#open.size;
  }

  send(request: SoakRequest): void {
    let connection = this.#idle.pop();
    if (connection === undefined) {
      connection = new ClientConnection(this, fewestRequests + (request.id % moreRequests));
      this.#open.add(connection);
    }
    connection.send(request);
  }

  close(): void {
    this.#isClosing = true;
    for (const connection of this.#idle.splice(0)) connection.end();
  }

  release(connection: ClientConnection): void {
    if (this.#isClosing) {
      connection.end();
      return;
    }
    connection.idleSince = performance.now();
    this.#idle.push(connection);
    // The newest is used first.
    const oldest = this.#idle[0];
    if (oldest !== undefined && oldest.idleSince < connection.idleSince - longestIdleMs) {
      this.#idle.shift();
      oldest.end();
    }
  }

  forget(connection: ClientConnection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** Of the body of a failure, bytes. */
const shownText = 200;

function isFailure(head: string): boolean {
  return head.startsWith('HTTP/1.1 5') && fieldOf(head, 'x-id') === '';
}

class ClientConnection {
  idleSince = 0;
  readonly #client: Http1Client;
  readonly #socket: Socket;
  #requestsLeft: number;
  #request: SoakRequest | null = null;
  /** The begin of a head that has not come to its end. */
  #head: Buffer | null = null;
  /** Of the body; -1 before the head has come. */
  #received = -1;

  constructor(client: Http1Client, requests: number) {
    this.#client = client;
    this.#requestsLeft = requests;
    this.#socket = connect({ port: client.options.port, host: '127.0.0.1', noDelay: true });
    let why = 'closed';
    this.#socket.on('data', (data: Buffer) => this.#take(data));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code ?? error.message;
    });
    this.#socket.on('close', () => this.#onClose(why));
  }

  send(request: SoakRequest): void {
    this.#request = request;
    this.#requestsLeft--;
    this.#received = -1;
    const { method, path, bodyLength, id } = request;
    const length = bodyLength > 0 ? `content-length: ${bodyLength}\r\n` : '';
    const head = `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n${length}\r\n`;
    const isHalf = request.abort === 'sent';
    if (bodyLength === 0) {
      this.#socket.write(head, 'latin1');
    } else {
      const body = bodyOf(id, isHalf ? bodyLength >> 1 : bodyLength);
      this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
    }
    // What was written leaves first.
    if (isHalf) setImmediate(() => this.#abort(request));
  }

  end(): void {
    this.#socket.end();
  }

  #take(data: Buffer): void {
    const request = this.#request;
    if (request === null) {
      this.#client.options.ledger.fault('wrong status', 'bytes that nobody asked for');
      this.#socket.destroy();
      return;
    }
    const body = this.#received < 0 ? this.#takeHead(request, data) : data;
    if (body === null) return;
    const { ledger } = this.#client.options;
    if (request.abort === 'head' && this.#received === 0) {
      this.#abort(request);
      return;
    }
    if (body.length > 0 && !ledger.judgePiece(request, body, this.#received)) {
      this.#giveUp();
      return;
    }
    this.#received += body.length;
    if (request.abort === 'body' && this.#received > 0) this.#abort(request);
    else if (this.#received === request.answerLength) this.#finish(request);
  }

  /** What follows the head; null: it is not whole, or wrong. */
  #takeHead(request: SoakRequest, data: Buffer): Buffer | null {
    const bytes: Buffer = this.#head === null ? data : Buffer.concat([this.#head, data]);
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
    if (end < 0) {
      this.#head = bytes;
      return null;
    }
    this.#head = null;
    const head = bytes.toString('latin1', 0, end + 2);
    const said = {
      status: Number(head.slice(9, 12)),
      id: fieldOf(head, 'x-id'),
      endpoint: fieldOf(head, 'x-endpoint'),
      generation: fieldOf(head, 'x-generation'),
      body: fieldOf(head, 'x-body'),
      text: isFailure(head) ? bytes.toString('latin1', end + 4, end + 4 + shownText) : '',
    };
    if (!this.#client.options.ledger.judgeHead(request, said)) {
      this.#giveUp();
      return null;
    }
    this.#received = 0;
    return bytes.subarray(end + 4);
  }

  #finish(request: SoakRequest): void {
    const { ledger, onEnd } = this.#client.options;
    this.#request = null;
    ledger.whole(request);
    if (this.#requestsLeft > 0) this.#client.release(this);
    else this.#socket.end();
    onEnd();
  }

  /** Half of those who leave say so, the others vanish. */
  #abort(request: SoakRequest): void {
    if (this.#request !== request) return;
    const { ledger, onEnd } = this.#client.options;
    this.#request = null;
    ledger.aborted++;
    if (request.id % 2 === 0) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    onEnd();
  }

  /** The answer is wrong, and has been counted so. */
  #giveUp(): void {
    this.#request = null;
    this.#socket.destroy();
    this.#client.options.onEnd();
  }

  #onClose(why: string): void {
    this.#client.forget(this);
    const request = this.#request;
    if (request === null) return;
    this.#request = null;
    this.#client.options.ledger.broken(request, why);
    this.#client.options.onEnd();
  }
}

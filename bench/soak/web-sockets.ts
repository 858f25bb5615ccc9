/**
 * A few WebSockets that stay open over many reloads: each message must come back, and nobody but
 * their client may end them.
 */

import { type ClientRequest, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Ledger } from './ledger.ts';
import { authority } from './rules.ts';

export interface WebSocketsOptions {
  readonly port: number;
  readonly ledger: Ledger;
  readonly count: number;
  /** Between two messages of one, milliseconds. */
  readonly everyMs: number;
  /** A client closes its WebSocket after so many messages and opens another. */
  readonly messagesEach: number;
}

export class WebSockets {
  readonly #options: WebSocketsOptions;
  readonly #open = new Set<EchoedSocket>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  echoed = 0;

  constructor(options: WebSocketsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#turn(), options.everyMs);
  }

  get open(): number {
    return this.#open.size;
  }

  /** No more messages. Whoever waits for one should have it soon. */
  settle(): void {
    clearInterval(this.#timer);
  }

  /** Messages that have not come back. */
  get waiting(): number {
    return [...this.#open].filter((socket) => socket.isWaiting).length;
  }

  close(): void {
    this.settle();
    if (this.waiting > 0) this.fault(`${this.waiting} messages did not come back`);
    for (const socket of this.#open) socket.end();
  }

  forget(socket: EchoedSocket): void {
    this.#open.delete(socket);
  }

  fault(text: string): void {
    this.#options.ledger.fault('WebSocket failed', text);
  }

  #turn(): void {
    for (const socket of this.#open) socket.turn();
    const { count, port, messagesEach } = this.#options;
    while (this.#open.size < count) {
      this.#open.add(new EchoedSocket(this, { port, number: this.#next++, messagesEach }));
    }
  }
}

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A text frame with a mask (RFC 6455, 5.2); for less than 126 bytes. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text, 'latin1');
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}

class EchoedSocket {
  readonly #owner: WebSockets;
  readonly #name: string;
  readonly #request: ClientRequest;
  readonly #messages: number;
  #socket: Socket | null = null;
  #sent = 0;
  /** The message that has not come back. */
  #awaited: string | null = null;
  #came = '';
  #isOver = false;

  constructor(
    owner: WebSockets,
    { port, number, messagesEach }: { port: number; number: number; messagesEach: number },
  ) {
    this.#owner = owner;
    this.#name = `/ws/${number}`;
    this.#messages = messagesEach;
    this.#request = request({
      ...{ port, host: '127.0.0.1', path: this.#name, agent: false },
      headers: {
        host: authority,
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16, number % 256).toString('base64'),
      },
    });
    this.#request.on('upgrade', (_response, socket: Socket) => this.#opened(socket));
    this.#request.on('response', ({ statusCode }) => this.#fail(`status ${statusCode}`));
    this.#request.on('error', (error) => this.#fail(error.message));
    this.#request.end();
  }

  get isWaiting(): boolean {
    return this.#awaited !== null;
  }

  /** Sends the next message when the last has come back. */
  turn(): void {
    if (this.#socket === null || this.#awaited !== null || this.#isOver) return;
    if (this.#sent === this.#messages) {
      this.end();
      return;
    }
    this.#awaited = `${this.#name} message ${this.#sent++}`;
    this.#socket.write(maskedFrame(this.#awaited));
  }

  end(): void {
    this.#isOver = true;
    this.#owner.forget(this);
    if (this.#socket === null) this.#request.destroy();
    else this.#socket.end();
  }

  #opened(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', (error) => this.#fail(error.message));
    socket.on('end', () => this.#fail('ended by the other side'));
    socket.on('close', () => this.#fail('closed'));
    if (this.#isOver) socket.end();
  }

  #take(data: Buffer): void {
    this.#came += data.toString('latin1');
    const awaited = this.#awaited ?? '';
    const frame = `\x81${String.fromCharCode(awaited.length)}${awaited}`;
    if (this.#came.length < frame.length) return;
    if (this.#came !== frame) this.#fail(`another message came: ${JSON.stringify(this.#came)}`);
    this.#came = '';
    this.#awaited = null;
    this.#owner.echoed++;
  }

  #fail(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.forget(this);
    this.#owner.fault(`${this.#name}: ${why}`);
    this.#socket?.destroy();
  }
}

/**
 * Load of a client that behaves: requests at a constant rate, whatever becomes of earlier ones, in
 * turn over connections that are kept and over new ones, on HTTP/1.1 and HTTP/2.
 */

import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type Answer, type Way, ways } from './answer.ts';
import type { Connection } from './connection.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import { authority, plainPort, tlsPort } from './setup.ts';

/** What is asked of the process of the client, a line of JSON. */
export interface Order {
  readonly listener: 'plain' | 'tls';
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

/** An answer that takes longer is none. */
const giveUpMs = 5_000;
const lookEveryMs = 20;

/** Answers in the order in which they came. */
export async function sendGoodLoad(order: Order): Promise<readonly Answer[]> {
  const load = new GoodLoad(order);
  await load.send();
  return load.finish();
}

class GoodLoad {
  readonly #order: Order;
  readonly #total: number;
  readonly #answers: Answer[] = [];
  readonly #connections = new Set<Connection>();
  readonly #kept: Record<'HTTP/1.1 kept' | 'HTTP/2 kept', Connection[]> = {
    'HTTP/1.1 kept': [],
    'HTTP/2 kept': [],
  };
  #start = 0;
  #sent = 0;

  constructor(order: Order) {
    this.#order = order;
    this.#total = Math.round(order.requestsPerSecond * order.seconds);
  }

  /** Resolves when the last request has been sent. */
  send(): Promise<void> {
    this.#start = performance.now();
    return new Promise((resolve) => {
      const sendDue = (): void => {
        while (this.#sent < this.#total && this.#dueAt() <= performance.now()) this.#sendNext();
        if (this.#sent === this.#total) resolve();
        else setTimeout(sendDue, Math.max(1, this.#dueAt() - performance.now()));
      };
      sendDue();
    });
  }

  /** Waits for what is still under way. */
  async finish(): Promise<readonly Answer[]> {
    const end = performance.now() + giveUpMs;
    while (this.#answers.length < this.#total && performance.now() < end) await pause(lookEveryMs);
    for (const connection of this.#connections) connection.close();
    while (this.#answers.length < this.#total) await pause(lookEveryMs);
    return this.#answers;
  }

  #dueAt(): number {
    return this.#start + (this.#sent / this.#order.requestsPerSecond) * 1000;
  }

  #sendNext(): void {
    const way = ways[this.#sent % ways.length] as Way;
    const dueAt = this.#dueAt();
    const lateMs = performance.now() - dueAt;
    this.#sent++;
    const connection = this.#connectionFor(way);
    connection.request((outcome) => {
      const waitMs = performance.now() - dueAt;
      this.#answers.push({
        way,
        waitMs,
        lateMs,
        outcome: waitMs > giveUpMs ? 'no answer' : outcome,
      });
      if (way.endsWith('kept')) return;
      this.#connections.delete(connection);
      connection.close();
    });
  }

  #connectionFor(way: Way): Connection {
    const kept = way === 'HTTP/1.1 kept' || way === 'HTTP/2 kept' ? this.#kept[way] : null;
    const free = kept?.find(({ isFree }) => isFree);
    if (free !== undefined) return free;
    const { listener } = this.#order;
    const connection = way.startsWith('HTTP/1.1')
      ? new Http1Connection(open(listener, 'http/1.1'))
      : new Http2Connection(open(listener, 'h2'), listener === 'tls' ? 'https' : 'http');
    this.#connections.add(connection);
    kept?.push(connection);
    return connection;
  }
}

function open(listener: Order['listener'], protocol: string): Socket {
  const host = '127.0.0.1';
  if (listener === 'plain') return connect({ port: plainPort, host, noDelay: true });
  const socket = connectTls({
    port: tlsPort,
    host,
    servername: authority,
    ALPNProtocols: [protocol],
    rejectUnauthorized: false,
  });
  return socket.setNoDelay(true);
}

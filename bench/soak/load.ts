/** Sends requests through clients of both protocols, at a rate or as fast as they are answered. */

import { setTimeout as pause } from 'node:timers/promises';
import { Http1Client } from './http1-client.ts';
import { Http2Client } from './http2-client.ts';
import type { Ledger } from './ledger.ts';
import { createRequest } from './requests.ts';

/** Requests under way at one time; what is due beyond waits in here, which is told. */
const mostUnderWay = 3_000;
/** How often requests that are due are looked for, milliseconds. */
const tickMs = 2;
/** One of so many requests goes by HTTP/2. */
const http2Every = 10;

export interface LoadOptions {
  readonly port: number;
  readonly ledger: Ledger;
  /** Some clients leave before they have their answer. */
  readonly aborts: boolean;
}

export class Load {
  readonly #ledger: Ledger;
  readonly #http1: Http1Client;
  readonly #http2: Http2Client;
  readonly #aborts: boolean;
  underWay = 0;
  /** How often a request that was due had to wait for others to end. */
  heldBack = 0;
  /** Sends the next when one ends; null at a constant rate. */
  #onEnd: (() => void) | null = null;

  constructor({ port, ledger, aborts }: LoadOptions) {
    this.#ledger = ledger;
    this.#aborts = aborts;
    const onEnd = (): void => {
      this.underWay--;
      this.#onEnd?.();
    };
    this.#http1 = new Http1Client({ port, ledger, onEnd });
    this.#http2 = new Http2Client({ port, ledger, onEnd });
  }

  get connections(): number {
    return this.#http1.open + this.#http2.open;
  }

  /** So many at a time for `ms`. Resolves, when all are answered, with how many a second were. */
  async asFastAsAnswered(concurrency: number, ms: number): Promise<number> {
    const start = performance.now();
    const before = this.#ledger.answered;
    let isOver = false;
    this.#onEnd = () => {
      // Not within the end of another: that would never leave the event loop.
      if (!isOver) setImmediate(() => this.#send());
    };
    for (let i = 0; i < concurrency; i++) this.#send();
    await pause(ms);
    isOver = true;
    this.#onEnd = null;
    const answered = this.#ledger.answered - before;
    const seconds = (performance.now() - start) / 1000;
    await this.settle(10_000);
    return answered / seconds;
  }

  /** At a constant rate, whatever the answers do, until it is aborted. */
  async atRate(perSecond: number, signal: AbortSignal): Promise<void> {
    const start = performance.now();
    let sent = 0;
    while (!signal.aborted) {
      const due = Math.floor(((performance.now() - start) / 1000) * perSecond) + 1;
      while (sent < due && this.underWay < mostUnderWay) {
        this.#send();
        sent++;
      }
      if (sent < due) {
        this.heldBack += due - sent;
        sent = due;
      }
      await pause(tickMs);
    }
  }

  /** Waits for the answers that are missing. False: some have not come. */
  async settle(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    while (this.underWay > 0 && performance.now() < end) await pause(10);
    return this.underWay === 0;
  }

  close(): void {
    this.#http1.close();
    this.#http2.close();
  }

  #send(): void {
    const id = this.#ledger.sent++;
    const request = createRequest(id, {
      sinceGeneration: this.#ledger.shown,
      aborts: this.#aborts,
    });
    this.underWay++;
    // The prime mixes kinds of requests with protocols.
    if ((id * 7) % http2Every === 0) this.#http2.send(request);
    else this.#http1.send(request);
  }
}

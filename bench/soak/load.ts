/** Sends requests through clients of both protocols, at a rate or as fast as they are answered. */

import { setTimeout as pause } from 'node:timers/promises';
import { Http1Client } from './http1-client.ts';
import { Http2Client } from './http2-client.ts';
import type { Ledger } from './ledger.ts';
import { createRequest } from './requests.ts';

/**
 * Requests under way at one time, and of how many seconds: what is due beyond waits for them. Of
 * ten one goes to an endpoint that hangs, for two seconds, until it is tried elsewhere.
 */
const mostUnderWay = 3_000;
const mostSeconds = 0.6;
/** What is later than this is not sent any more, which is told, seconds. */
const mostLate = 10;
/** What waited leaves so much faster, not all at once: that would be another load. */
const catchUp = 1.25;
/** How often requests that are due are looked for, milliseconds. */
const tickMs = 2;
/** The longest time of which the requests leave in one turn, milliseconds. */
const longestTickMs = 10;
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
  /** Requests that were due and have not been sent. */
  notSent = 0;
  /** How late the latest was sent, milliseconds. */
  latestMs = 0;
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
    const perMs = perSecond / 1000;
    const room = Math.max(mostUnderWay, perSecond * mostSeconds);
    const start = performance.now();
    let done = 0;
    let last = start;
    while (!signal.aborted) {
      await pause(tickMs);
      const now = performance.now();
      const waiting = Math.floor((now - start) * perMs) - done;
      const most = Math.ceil(Math.min(now - last, longestTickMs) * perMs * catchUp);
      last = now;
      let sent = 0;
      while (sent < Math.min(waiting, most) && this.underWay < room) {
        this.#send();
        sent++;
      }
      const tooLate = Math.max(0, waiting - sent - Math.floor(mostLate * perSecond));
      this.notSent += tooLate;
      this.latestMs = Math.max(this.latestMs, Math.round((waiting - sent) / perMs));
      done += sent + tooLate;
    }
    this.notSent += Math.max(0, Math.floor((performance.now() - start) * perMs) - done);
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

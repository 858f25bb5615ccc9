/**
 * Counts what one endpoint is sent, by slots of time. A copy (mirror) is told from the request by
 * its x-forwarded-for: a proxy names itself there as one more hop.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { warmUpHeader } from '../request-mix.ts';
import { type EndpointReport, slotMs } from './messages.ts';

/** Older proxies mark copies by their host: `shop` becomes `shop-shadow`. */
const shadowHost = /-shadow(:\d+)?$/;

interface HopCounts {
  readonly requests: number[];
  readonly retries: number[];
}

export class EndpointCounts {
  /** By the number of hops. */
  readonly #byHops: HopCounts[] = [];
  readonly #shadows: number[] = [];

  /** Fewest hops of a request; Infinity where there was none. */
  get fewestHops(): number {
    const found = this.#byHops.findIndex(({ requests }) => requests.length > 0);
    return found < 0 ? Infinity : found;
  }

  /** `nowMs` counts from the end of the warm-up. */
  count(headers: IncomingHttpHeaders, nowMs: number): void {
    if (warmUpHeader in headers) return;
    const slot = Math.max(0, Math.floor(nowMs / slotMs));
    if (shadowHost.test(headers.host ?? '')) {
      increment(this.#shadows, slot);
      return;
    }
    const counts = this.#hopCounts(hopsOf(headers));
    increment(counts.requests, slot);
    if (Number(headers['x-envoy-attempt-count'] ?? 1) > 1) increment(counts.retries, slot);
  }

  /** Requests with more hops than `requestHops` are copies. */
  report(requestHops: number): EndpointReport {
    const { requests = [], retries = [] } = this.#byHops[requestHops] ?? {};
    const mirrored = [...this.#shadows];
    for (const copies of this.#byHops.slice(requestHops + 1)) {
      for (const [slot, count] of copies.requests.entries()) {
        while (mirrored.length <= slot) mirrored.push(0);
        mirrored[slot] = (mirrored[slot] ?? 0) + count;
      }
    }
    return { requests, retries, mirrored };
  }

  #hopCounts(hops: number): HopCounts {
    while (this.#byHops.length <= hops) this.#byHops.push({ requests: [], retries: [] });
    return this.#byHops[hops] as HopCounts;
  }
}

function hopsOf({ 'x-forwarded-for': chain }: IncomingHttpHeaders): number {
  return chain === undefined ? 0 : String(chain).split(',').length;
}

function increment(slots: number[], slot: number): void {
  while (slots.length <= slot) slots.push(0);
  slots[slot] = (slots[slot] ?? 0) + 1;
}

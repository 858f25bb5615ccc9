/** Counts what one endpoint is sent, by slots of time. */

import type { IncomingHttpHeaders } from 'node:http';
import { warmUpHeader } from '../request-mix.ts';
import { type EndpointReport, slotMs } from './messages.ts';

/** Istio marks copies by their host: `shop` becomes `shop-shadow`. */
const shadowHost = /-shadow(:\d+)?$/;

export class EndpointCounts {
  readonly #requests: number[] = [];
  readonly #retries: number[] = [];
  readonly #mirrored: number[] = [];

  /** `nowMs` counts from the end of the warm-up. */
  count(headers: IncomingHttpHeaders, nowMs: number): void {
    if (warmUpHeader in headers) return;
    const slot = Math.max(0, Math.floor(nowMs / slotMs));
    if (shadowHost.test(headers.host ?? '')) {
      increment(this.#mirrored, slot);
      return;
    }
    increment(this.#requests, slot);
    if (Number(headers['x-envoy-attempt-count'] ?? 1) > 1) increment(this.#retries, slot);
  }

  report(): EndpointReport {
    return { requests: this.#requests, retries: this.#retries, mirrored: this.#mirrored };
  }
}

function increment(slots: number[], slot: number): void {
  while (slots.length <= slot) slots.push(0);
  slots[slot] = (slots[slot] ?? 0) + 1;
}

/**
 * LEAST_REQUEST: of two random endpoints the one with fewer requests in flight; with weights, in
 * proportion to `weight / (requests in flight + 1)`. Istio's default.
 */

import type { Random } from '../../base/random.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { EdfScheduler } from './edf-scheduler.ts';
import { type Candidates, type LoadBalancer, noCandidates } from './load-balancer.ts';
import type { SlowStartRamp } from './slow-start.ts';

export class LeastRequest implements LoadBalancer {
  readonly #scheduler: EdfScheduler;
  readonly #random: Random;
  #endpoints = noCandidates.endpoints;

  constructor(slowStart: SlowStartRamp | null, random: Random) {
    this.#scheduler = new EdfScheduler(weightByLoad, slowStart, random);
    this.#random = random;
  }

  update(candidates: Candidates): void {
    this.#endpoints = candidates.endpoints;
    this.#scheduler.update(candidates);
  }

  pick(): LiveEndpoint | null {
    const scheduled = this.#scheduler.next();
    if (scheduled !== null) return scheduled;
    const endpoints = this.#endpoints;
    const count = endpoints.length;
    if (count < 2) return endpoints[0] ?? null;
    // Both draws may fall on the same endpoint, as in Envoy: that keeps a busy one from starving.
    const first = endpoints[this.#random.uint32() % count] as LiveEndpoint;
    const second = endpoints[this.#random.uint32() % count] as LiveEndpoint;
    return second.activeRequests < first.activeRequests ? second : first;
  }
}

/** Envoy's active_request_bias of 1. */
function weightByLoad(endpoint: LiveEndpoint, weight: number): number {
  return weight / (endpoint.activeRequests + 1);
}

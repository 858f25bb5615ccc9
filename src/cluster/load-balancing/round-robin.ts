/** ROUND_ROBIN: each in turn from a random start; with weights, in proportion to them. */

import type { Random } from '../../base/random.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { EdfScheduler } from './edf-scheduler.ts';
import { type Candidates, type LoadBalancer, noCandidates } from './load-balancer.ts';
import type { SlowStartRamp } from './slow-start.ts';

export class RoundRobin implements LoadBalancer {
  readonly #scheduler: EdfScheduler;
  #endpoints = noCandidates.endpoints;
  /** Survives a change of candidates; modulo their number. */
  #turn: number;

  constructor(slowStart: SlowStartRamp | null, random: Random) {
    this.#scheduler = new EdfScheduler(ownWeight, slowStart, random);
    this.#turn = random.uint32();
  }

  update(candidates: Candidates): void {
    this.#endpoints = candidates.endpoints;
    this.#scheduler.update(candidates);
  }

  pick(): LiveEndpoint | null {
    const scheduled = this.#scheduler.next();
    if (scheduled !== null) return scheduled;
    const count = this.#endpoints.length;
    if (count === 0) return null;
    const endpoint = this.#endpoints[this.#turn % count] as LiveEndpoint;
    this.#turn++;
    return endpoint;
  }
}

function ownWeight(_endpoint: LiveEndpoint, weight: number): number {
  return weight;
}

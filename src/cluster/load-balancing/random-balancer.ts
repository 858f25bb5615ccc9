/** RANDOM: any endpoint. Weights of endpoints do not count, as in Envoy; those of localities do. */

import type { Random } from '../../base/random.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { type Candidates, type LoadBalancer, noCandidates } from './load-balancer.ts';

export class RandomBalancer implements LoadBalancer {
  readonly #random: Random;
  #endpoints = noCandidates.endpoints;

  constructor(random: Random) {
    this.#random = random;
  }

  update(candidates: Candidates): void {
    this.#endpoints = candidates.endpoints;
  }

  pick(): LiveEndpoint | null {
    const endpoints = this.#endpoints;
    if (endpoints.length < 2) return endpoints[0] ?? null;
    return endpoints[this.#random.uint32() % endpoints.length] as LiveEndpoint;
  }
}

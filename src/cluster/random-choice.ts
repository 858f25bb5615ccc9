/**
 * RANDOM: any endpoint, in proportion to weights. Envoy's own RANDOM looks at locality weights
 * only; here those are part of the endpoint's weight.
 */

import type { Random } from '../base/random.ts';
import type { LiveEndpoint } from './live-endpoint.ts';
import {
  type Candidates,
  type LoadBalancer,
  noCandidates,
  weightsAreEqual,
} from './load-balancer.ts';

export class RandomChoice implements LoadBalancer {
  readonly #random: Random;
  #endpoints = noCandidates.endpoints;
  /** Running sums of the weights; null while they are equal. */
  #sums: Float64Array | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  update(candidates: Candidates): void {
    this.#endpoints = candidates.endpoints;
    this.#sums = weightsAreEqual(candidates.weights) ? null : runningSums(candidates.weights);
  }

  pick(): LiveEndpoint | null {
    const endpoints = this.#endpoints;
    if (endpoints.length < 2) return endpoints[0] ?? null;
    const sums = this.#sums;
    if (sums === null) return endpoints[this.#random.uint32() % endpoints.length] as LiveEndpoint;
    const drawn = this.#random.fraction() * (sums[sums.length - 1] as number);
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] as number) > drawn) high = middle;
      else low = middle + 1;
    }
    return endpoints[low] as LiveEndpoint;
  }
}

function runningSums(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => {
    sum += weight;
    return sum;
  });
}

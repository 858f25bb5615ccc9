/** RING_HASH: the endpoint whose point on the ring follows the request's hash. */

import type { Hash64 } from '../../base/xxhash64.ts';
import { hashRingEntries } from '../../model/cluster-policy.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import type { HashKey } from './hash-key.ts';
import { HashRing } from './hash-ring.ts';
import { type Candidates, type LoadBalancer, noCandidates } from './load-balancer.ts';

export class RingHash implements LoadBalancer {
  readonly #minimumSize: number;
  readonly #hash64: Hash64;
  #candidates = noCandidates;
  /** Built by the first pick: most clusters of a large mesh are never used by one proxy. */
  #ring: HashRing | null = null;

  constructor(minimumSize: number, hash64: Hash64) {
    this.#minimumSize = minimumSize;
    this.#hash64 = hash64;
  }

  update(candidates: Candidates): void {
    this.#candidates = candidates;
    this.#ring = null;
  }

  pick(key: HashKey, attempt: number): LiveEndpoint | null {
    const { endpoints } = this.#candidates;
    if (endpoints.length < 2) return endpoints[0] ?? null;
    const ring = this.#ring ?? this.#build();
    return endpoints[ring.ownerAt(ring.find(key) + attempt)] as LiveEndpoint;
  }

  #build(): HashRing {
    const { endpoints, weights } = this.#candidates;
    const keys = endpoints.map((endpoint) => endpoint.key);
    const minimumSize = this.#minimumSize;
    const options = { keys, weights, minimumSize, maximumSize: hashRingEntries };
    this.#ring = new HashRing(options, this.#hash64);
    return this.#ring;
  }
}

/** MAGLEV: the endpoint that owns the request's hash in a table of fixed size. */

import type { Hash64 } from '../../base/xxhash64.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { HashKey } from './hash-key.ts';
import { type Candidates, type LoadBalancer, noCandidates } from './load-balancer.ts';
import { buildMaglevTable } from './maglev-table.ts';

export class Maglev implements LoadBalancer {
  readonly #tableSize: number;
  readonly #hash64: Hash64;
  readonly #retryKey = new HashKey();
  #candidates = noCandidates;
  /** Built by the first pick: most clusters of a large mesh are never used by one proxy. */
  #table: Uint32Array | null = null;

  constructor(tableSize: number, hash64: Hash64) {
    this.#tableSize = tableSize;
    this.#hash64 = hash64;
  }

  update(candidates: Candidates): void {
    this.#candidates = candidates;
    this.#table = null;
  }

  pick(key: HashKey, attempt: number): LiveEndpoint | null {
    const { endpoints } = this.#candidates;
    if (endpoints.length < 2) return endpoints[0] ?? null;
    const table = this.#table ?? this.#build();
    const used = attempt === 0 ? key : this.#forRetry(key, attempt);
    return endpoints[table[used.modulo(this.#tableSize)] as number] as LiveEndpoint;
  }

  /** Envoy turns the hash into another one: `hash ^ (2^64 - attempt)`. */
  #forRetry(key: HashKey, attempt: number): HashKey {
    this.#retryKey.high = ~key.high >>> 0;
    this.#retryKey.low = (key.low ^ -attempt) >>> 0;
    return this.#retryKey;
  }

  #build(): Uint32Array {
    const { endpoints, weights } = this.#candidates;
    const keys = endpoints.map((endpoint) => endpoint.key);
    this.#table = buildMaglevTable({ keys, weights, size: this.#tableSize }, this.#hash64);
    return this.#table;
  }
}

/** Envoy's Maglev table: owners take turns to claim places along their own permutation. */

import type { Hash64 } from '../../base/xxhash64.ts';

export interface MaglevOptions {
  /** What is hashed for each owner: `address:port`. */
  readonly keys: readonly string[];
  /** One for each owner, positive. */
  readonly weights: readonly number[];
  /** Prime. */
  readonly size: number;
}

/** One owner while the table is filled. */
interface Claim {
  readonly owner: number;
  readonly share: number;
  readonly skip: number;
  /** Where its permutation has arrived. */
  place: number;
  /** It claims a place once `iteration * share` reaches this. */
  target: number;
}

/** For each place the index of its owner in `keys`. There must be at least one owner. */
export function buildMaglevTable(options: MaglevOptions, hash64: Hash64): Uint32Array {
  const { size } = options;
  const claims = claimsOf(options, hash64);
  const largest = claims.reduce((most, claim) => Math.max(most, claim.share), 0);
  const free = -1;
  const table = new Int32Array(size).fill(free);
  let filled = 0;
  for (let iteration = 1; filled < size; iteration++) {
    for (const claim of claims) {
      if (filled === size) break;
      if (iteration * claim.share < claim.target) continue;
      claim.target += largest;
      while (table[claim.place] !== free) claim.place = (claim.place + claim.skip) % size;
      table[claim.place] = claim.owner;
      filled++;
    }
  }
  return new Uint32Array(table.buffer);
}

/** In the order of their keys, so that the order of configuration does not matter. */
function claimsOf({ keys, weights, size }: MaglevOptions, hash64: Hash64): Claim[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const owners = keys.map((key, owner) => ({ key, owner }));
  owners.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  return owners.map(({ key, owner }) => ({
    owner,
    share: (weights[owner] as number) / sum,
    skip: Number(hash64.hash(key, 1n) % BigInt(size - 1)) + 1,
    place: Number(hash64.hash(key) % BigInt(size)),
    target: 0,
  }));
}

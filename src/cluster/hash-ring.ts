/** Envoy's ketama ring: every endpoint owns points on a circle of 64-bit hashes. */

import type { Hash64 } from '../base/xxhash64.ts';
import type { HashKey } from './hash-key.ts';

export interface RingOptions {
  /** What is hashed for each owner: `address:port`. */
  readonly keys: readonly string[];
  /** One for each owner, positive. */
  readonly weights: readonly number[];
  readonly minimumSize: number;
  readonly maximumSize: number;
}

export class HashRing {
  /** Upper and lower halves of the points, ascending. */
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;
  readonly #owners: Uint32Array;

  constructor(options: RingOptions, hash64: Hash64) {
    const points = pointsOf(options, hash64);
    points.sort((left, right) => (left.hash < right.hash ? -1 : left.hash > right.hash ? 1 : 0));
    this.#highs = Uint32Array.from(points, (point) => Number(point.hash >> 32n));
    this.#lows = Uint32Array.from(points, (point) => Number(point.hash & 0xffffffffn));
    this.#owners = Uint32Array.from(points, (point) => point.owner);
  }

  get size(): number {
    return this.#owners.length;
  }

  hashAt(index: number): bigint {
    return (BigInt(this.#highs[index] ?? 0) << 32n) | BigInt(this.#lows[index] ?? 0);
  }

  /** Index into the keys; `index` may run over the end of the ring. */
  ownerAt(index: number): number {
    return this.#owners[index % this.#owners.length] as number;
  }

  /** Index of the first point at or after the key, from the start again after the last one. */
  find(key: HashKey): number {
    const { high: keyHigh, low: keyLow } = key;
    let low = 0;
    let high = this.#highs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const pointHigh = this.#highs[middle] as number;
      const isBefore =
        pointHigh < keyHigh || (pointHigh === keyHigh && (this.#lows[middle] as number) < keyLow);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low === this.#highs.length ? 0 : low;
  }
}

interface Point {
  readonly hash: bigint;
  readonly owner: number;
}

/** The same arithmetic on doubles as Envoy's, because rounding decides who gets the last point. */
function pointsOf(options: RingOptions, hash64: Hash64): Point[] {
  const { keys, weights, minimumSize, maximumSize } = options;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = weights.map((weight) => weight / sum);
  const smallest = shares.reduce((least, share) => Math.min(least, share), 1);
  // The smallest owner gets a whole number of points, so that equal weights get equally many.
  const scale = Math.min(Math.ceil(smallest * minimumSize) / smallest, maximumSize);
  const points: Point[] = [];
  let target = 0;
  keys.forEach((key, owner) => {
    target += scale * (shares[owner] as number);
    for (let count = 0; points.length < target; count++) {
      points.push({ hash: hash64.hash(`${key}_${count}`), owner });
    }
  });
  return points;
}

/** Envoy's ketama ring: every endpoint owns points on a circle of 64-bit hashes. */

import type { Hash64 } from '../../base/xxhash64.ts';
import { HashKey } from './hash-key.ts';

export interface RingOptions {
  /** What is hashed for each owner: `address:port`. */
  readonly keys: readonly string[];
  /** One for each owner, positive. */
  readonly weights: readonly number[];
  readonly minimumSize: number;
  readonly maximumSize: number;
}

export class HashRing {
  /** Upper and lower halves of the hashes, ascending. */
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;
  readonly #owners: Uint32Array;

  constructor(options: RingOptions, hash64: Hash64) {
    const { highs, lows, owners } = sorted(pointsOf(options, hash64));
    this.#highs = highs;
    this.#lows = lows;
    this.#owners = owners;
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

/** Of equal length. Columns of numbers, because a ring may have a million points. */
interface Points {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  /** Indexes into the keys. */
  readonly owners: Uint32Array;
}

function newPoints(size: number): Points {
  const highs = new Uint32Array(size);
  return { highs, lows: new Uint32Array(size), owners: new Uint32Array(size) };
}

function pointsOf(options: RingOptions, hash64: Hash64): Points {
  const ends = endsOf(options);
  const points = newPoints(ends.at(-1) ?? 0);
  const hash = new HashKey();
  let index = 0;
  ends.forEach((end, owner) => {
    const key = options.keys[owner] as string;
    for (let count = 0; index < end; count++, index++) {
      hash.set(hash64.hash(`${key}_${count}`));
      points.highs[index] = hash.high;
      points.lows[index] = hash.low;
      points.owners[index] = owner;
    }
  });
  return points;
}

/**
 * How many points there are up to and with each owner's. The same arithmetic on doubles as Envoy's,
 * because rounding decides who gets the last point.
 */
function endsOf({ weights, minimumSize, maximumSize }: RingOptions): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = weights.map((weight) => weight / sum);
  const smallest = shares.reduce((least, share) => Math.min(least, share), 1);
  // The smallest owner gets a whole number of points, so that equal weights get equally many.
  const scale = Math.min(Math.ceil(smallest * minimumSize) / smallest, maximumSize);
  let target = 0;
  return shares.map((share) => {
    target += scale * share;
    return Math.ceil(target);
  });
}

/** By hash, digit after digit from the lowest: no comparison, and equal hashes keep their order. */
function sorted(points: Points): Points {
  let from = points;
  let to = newPoints(points.owners.length);
  for (const half of ['lows', 'highs'] as const) {
    for (let shift = 0; shift < 32; shift += 8) {
      moveByDigit(from, to, { half, shift });
      [from, to] = [to, from];
    }
  }
  return from;
}

interface Digit {
  readonly half: 'highs' | 'lows';
  /** The digit is the byte above so many bits. */
  readonly shift: number;
}

function moveByDigit(from: Points, to: Points, { half, shift }: Digit): void {
  const hashes = from[half];
  /** Where the next point with each digit goes. */
  const places = new Uint32Array(257);
  for (const hash of hashes) (places[((hash >>> shift) & 255) + 1] as number)++;
  for (let digit = 1; digit < 256; digit++) {
    places[digit] = (places[digit] as number) + (places[digit - 1] as number);
  }
  for (let index = 0; index < hashes.length; index++) {
    const place = (places[((hashes[index] as number) >>> shift) & 255] as number)++;
    to.highs[place] = from.highs[index] as number;
    to.lows[place] = from.lows[index] as number;
    to.owners[place] = from.owners[index] as number;
  }
}

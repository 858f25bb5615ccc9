/**
 * A 64-bit hash as two unsigned 32-bit halves: arithmetic on a BigInt allocates, and balancers must
 * not. One instance is filled anew for each choice.
 */

import type { Random } from '../../base/random.ts';

const two32 = 2 ** 32;

export class HashKey {
  high = 0;
  low = 0;
  readonly #wide = new BigUint64Array(1);
  readonly #halves = new Uint32Array(this.#wide.buffer);

  set(hash: bigint): void {
    this.#wide[0] = hash;
    // Little-endian: every platform that Node runs on.
    this.low = this.#halves[0] as number;
    this.high = this.#halves[1] as number;
  }

  draw(random: Random): void {
    this.low = random.uint32();
    this.high = random.uint32();
  }

  /** The remainder by `divisor`, which must be below 2^26 for the product to stay exact. */
  modulo(divisor: number): number {
    return ((this.high % divisor) * (two32 % divisor) + this.low) % divisor;
  }
}

/**
 * Picks endpoints in proportion to weights that may change from pick to pick: earliest deadline
 * first, as Envoy does for ROUND_ROBIN and LEAST_REQUEST. An endpoint's next deadline is one
 * `1 / weight` after its last pick. While all weights are equal there is no schedule, and the
 * balancer has its own cheaper way.
 */

import type { Random } from '../../base/random.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { type Candidates, noCandidates, weightsAreEqual } from './load-balancer.ts';
import type { SlowStartRamp } from './slow-start.ts';

/** The weight of an endpoint at this moment. */
type Weigh = (endpoint: LiveEndpoint, weight: number) => number;

export class EdfScheduler {
  readonly #weigh: Weigh;
  readonly #slowStart: SlowStartRamp | null;
  readonly #random: Random;

  #candidates = noCandidates;
  #warmAt = Number.NEGATIVE_INFINITY;
  #now = 0;
  /** Indexes of candidates as a binary heap; empty while no schedule is needed. */
  #heap: number[] = [];
  #deadlines = new Float64Array(0);
  /** Of equal deadlines the one that was set first comes first. */
  #orders = new Float64Array(0);
  #nextOrder = 0;

  constructor(weigh: Weigh, slowStart: SlowStartRamp | null, random: Random) {
    this.#weigh = weigh;
    this.#slowStart = slowStart;
    this.#random = random;
  }

  update(candidates: Candidates): void {
    const { endpoints, weights } = candidates;
    this.#candidates = candidates;
    this.#heap = [];
    const ramp = this.#slowStart;
    this.#warmAt = ramp === null ? Number.NEGATIVE_INFINITY : ramp.warmAt(endpoints);
    const warming = ramp !== null && ramp.now() < this.#warmAt;
    if (endpoints.length < 2 || (weightsAreEqual(weights) && !warming)) return;
    this.#now = 0;
    this.#nextOrder = 0;
    this.#deadlines = new Float64Array(endpoints.length);
    this.#orders = new Float64Array(endpoints.length);
    for (let index = 0; index < endpoints.length; index++) {
      this.#schedule(index);
      this.#heap.push(index);
      this.#siftUp();
    }
    // Proxies that start together must not all begin with the same endpoint.
    for (let skip = this.#random.uint32() % endpoints.length; skip > 0; skip--) this.next();
  }

  /** Null: all weights are equal, or there are fewer than two candidates. */
  next(): LiveEndpoint | null {
    if (this.#heap.length === 0) return null;
    const ramp = this.#slowStart;
    if (ramp !== null && this.#warmAt > 0 && ramp.now() >= this.#warmAt) this.#endWarmUp();
    const first = this.#heap[0];
    if (first === undefined) return null;
    this.#now = this.#deadlines[first] as number;
    this.#schedule(first);
    this.#siftDown();
    return this.#candidates.endpoints[first] as LiveEndpoint;
  }

  #endWarmUp(): void {
    this.#warmAt = Number.NEGATIVE_INFINITY;
    if (weightsAreEqual(this.#candidates.weights)) this.#heap = [];
  }

  #schedule(index: number): void {
    const endpoint = this.#candidates.endpoints[index] as LiveEndpoint;
    let weight = this.#weigh(endpoint, this.#candidates.weights[index] as number);
    if (this.#slowStart !== null) weight *= this.#slowStart.factor(endpoint);
    this.#deadlines[index] = this.#now + 1 / weight;
    this.#orders[index] = this.#nextOrder++;
  }

  #isBefore(left: number, right: number): boolean {
    const difference = (this.#deadlines[left] as number) - (this.#deadlines[right] as number);
    if (difference !== 0) return difference < 0;
    return (this.#orders[left] as number) < (this.#orders[right] as number);
  }

  /** Adds the last one of the heap where it belongs. */
  #siftUp(): void {
    const heap = this.#heap;
    let hole = heap.length - 1;
    const moving = heap[hole] as number;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBefore(moving, heap[parent] as number)) break;
      heap[hole] = heap[parent] as number;
      hole = parent;
    }
    heap[hole] = moving;
  }

  /** Moves the first one of the heap to where it belongs now. */
  #siftDown(): void {
    const heap = this.#heap;
    const moving = heap[0] as number;
    let hole = 0;
    for (let child = 1; child < heap.length; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < heap.length && this.#isBefore(heap[right] as number, heap[child] as number)) {
        child = right;
      }
      if (!this.#isBefore(heap[child] as number, moving)) break;
      heap[hole] = heap[child] as number;
      hole = child;
    }
    heap[hole] = moving;
  }
}

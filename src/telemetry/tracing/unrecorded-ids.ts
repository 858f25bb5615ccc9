/**
 * Ids of traces that start here and that nobody records: nearly all of them. Text for 24 random
 * bytes costs more than all else that tracing does to such a request, so two thirds of it serve
 * many: the first half of trace ids, and the id of the span, which only has to differ from others
 * of its trace. Samplers look at the second half (W3C Trace Context level 2, "random trace id").
 */

import { randomHex16 } from '../../base/hex.ts';
import { ownText } from '../../base/own-text.ts';
import type { Random } from '../../base/random.ts';

/** Traces that have their first half in common. */
const tracesOfHalf = 4096;

export class UnrecordedIds {
  /** Of the trace that `next` has begun, 16 digits. */
  spanId = '';
  #firstHalf = '';
  #parentStart = '';
  #parentEnd = '';
  #tracesLeft = 0;

  /** Begins a trace: the second half of its id, which alone differs from trace to trace. */
  next(random: Random): string {
    if (this.#tracesLeft === 0) this.#renew(random);
    this.#tracesLeft--;
    return randomHex16(random);
  }

  /** 32 digits. */
  traceId(secondHalf: string): string {
    return this.#firstHalf + secondHalf;
  }

  /** The value of its header: version 00, an id made at random, not sampled. */
  traceParent(secondHalf: string): string {
    return this.#parentStart + secondHalf + this.#parentEnd;
  }

  #renew(random: Random): void {
    this.#tracesLeft = tracesOfHalf;
    this.#firstHalf = randomHex16(random);
    this.spanId = randomHex16(random);
    // Each is one piece: a join of strings is one of many for as long as nobody copies it.
    this.#parentStart = ownText(`00-${this.#firstHalf}`);
    this.#parentEnd = ownText(`-${this.spanId}-02`);
  }
}

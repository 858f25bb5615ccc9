/**
 * Ids of traces that start here and that nobody records: nearly all of them. Text for 24 random
 * bytes costs more than all else that tracing does to such a request. So most of it serves many
 * traces, as does the id of the span, which only has to differ from others of its trace.
 *
 * The word that tells traces apart is at the front of what samplers look at: the last 16 digits,
 * or the last 14 (W3C Trace Context level 2, "random trace id"). It goes round all of its values:
 * none comes twice, and any number of traces in a row is spread evenly over them, as the stride is
 * near the golden ratio of 2^32 and, in its last six digits, of 2^24.
 */

import { hex8, randomHex16, randomHex32 } from '../../base/hex.ts';
import { ownText } from '../../base/own-text.ts';
import type { Random } from '../../base/random.ts';

/** Traces that have everything but a word in common. */
const tracesInCommon = 4096;
/** Digits of an id before its word, and those up to its end. */
const wordStart = 16;
const wordEnd = 24;
/** 0.62 of 2^32; the golden ratio is 0.618. Odd, so that it comes by every value. */
const stride = 0x9e9e3779;

export class UnrecordedIds {
  #start = '';
  #word = 0;
  #end = '';
  #tracesLeft = 0;

  /** The traceparent of a trace that begins: version 00, an id made at random, not sampled. */
  next(random: Random): string {
    if (this.#tracesLeft === 0) this.#renew(random);
    this.#tracesLeft--;
    this.#word = (this.#word + stride) | 0;
    return this.#start + hex8(this.#word) + this.#end;
  }

  #renew(random: Random): void {
    this.#tracesLeft = tracesInCommon;
    this.#word = random.uint32() | 0;
    const id = randomHex32(random);
    // Each is one piece: a join of strings is one of many for as long as nobody copies it.
    this.#start = ownText(`00-${id.slice(0, wordStart)}`);
    this.#end = ownText(`${id.slice(wordEnd)}-${randomHex16(random)}-02`);
  }
}

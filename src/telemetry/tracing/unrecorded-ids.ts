/**
 * Ids of traces that start here and that nobody records: nearly all of them. Text for 24 random
 * bytes costs more than all else that tracing does to such a request. So most of it serves many
 * traces, as does the id of the span, which only has to differ from others of its trace.
 *
 * The word that tells traces apart is at the front of what samplers look at, the last 14 digits
 * (W3C Trace Context level 2, "random trace id"). It goes round all of its values by the golden
 * ratio: none comes twice, and any number of traces in a row is spread evenly over them.
 */

import { hex8, randomHex16, randomHex32 } from '../../base/hex.ts';
import { ownText } from '../../base/own-text.ts';
import type { Random } from '../../base/random.ts';

/** Traces that have everything but a word in common. */
const tracesInCommon = 4096;
/** Digits of an id before its word, and those up to its end. */
const wordStart = 18;
const wordEnd = 26;
/** 2^32 divided by the golden ratio. */
const stride = 0x9e3779b9;

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

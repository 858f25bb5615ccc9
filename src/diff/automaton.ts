/** A nondeterministic automaton that runs many patterns over one text at the same time. */

import { unreachable } from '../base/assert.ts';
import type { Budget } from './budget.ts';
import type { ByteSet } from './byte-set.ts';
import type { Pattern } from './pattern.ts';

/** Of all patterns together; what is larger is left out. */
const maxStates = 400_000;

/**
 * States are numbers. One reads a byte of a set, or parts the way in two, or says that a pattern
 * matches.
 */
export class Automaton {
  /** What a state reads; 0 where it reads nothing. */
  readonly #sets: ByteSet[] = [];
  readonly #next: number[] = [];
  /** The second way of a state that parts; -1 for others. */
  readonly #other: number[] = [];
  /** Pattern that matches here; -1 for none. */
  readonly #accepted: number[] = [];
  /** Pattern that a state belongs to. */
  readonly #owners: number[] = [];
  #owner = -1;
  readonly #starts: number[] = [];
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** false: the pattern is too large, and its number is never accepted. */
  add(pattern: Pattern, number: number): boolean {
    this.#owner = number;
    const start = this.#compile(pattern, this.#state(0n, -1, -1, number));
    if (start < 0) return false;
    this.#starts.push(start);
    return true;
  }

  start(): readonly number[] {
    return this.#union(this.#starts);
  }

  /** States behind those of `states` that read all of `block`, which no set of them cuts. */
  step(states: readonly number[], block: ByteSet): readonly number[] {
    const targets: number[] = [];
    for (const state of states) {
      if (((this.#sets[state] as bigint) & block) !== 0n) targets.push(this.#next[state] as number);
    }
    return this.#union(targets);
  }

  /** Cuts `alphabet` into sets of bytes which none of the states tell apart. */
  blocks(states: readonly number[], alphabet: ByteSet): readonly ByteSet[] {
    let blocks: ByteSet[] = [alphabet];
    const seen = new Set<ByteSet>();
    for (const state of states) {
      const set = this.#sets[state] as bigint;
      if (set === 0n || seen.has(set)) continue;
      seen.add(set);
      if ((alphabet & ~set) === 0n) continue;
      if (!this.#budget.spend(blocks.length)) break;
      blocks = blocks.flatMap((block) => [block & set, block & ~set]).filter((part) => part !== 0n);
    }
    return blocks;
  }

  /** Numbers of the patterns that match a text which ends in `states`, in order. */
  accepted(states: readonly number[]): number[] {
    const numbers = new Set<number>();
    for (const state of states) {
      const number = this.#accepted[state] as number;
      if (number >= 0) numbers.add(number);
    }
    return [...numbers].sort((a, b) => a - b);
  }

  /** Whether one of these patterns may still match, or does. */
  leadsTo(states: readonly number[], patterns: ReadonlySet<number>): boolean {
    return states.some((state) => patterns.has(this.#owners[state] as number));
  }

  /** The states reached from these without reading: those that read, and those that accept. */
  #union(starts: readonly number[]): readonly number[] {
    const found: number[] = [];
    const seen = new Set<number>();
    const waiting = [...starts];
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      if (seen.has(state)) continue;
      seen.add(state);
      const other = this.#other[state] as number;
      if (other >= 0) waiting.push(other, this.#next[state] as number);
      else found.push(state);
    }
    this.#budget.spend(seen.size);
    return found.sort((a, b) => a - b);
  }

  /** The state that begins `pattern` and goes on with `next`; -1 where there is no more room. */
  #compile(pattern: Pattern, next: number): number {
    if (next < 0 || this.#sets.length > maxStates || !this.#budget.spend(1)) return -1;
    switch (pattern.kind) {
      case 'byte':
        return this.#state(pattern.set, next, -1, -1);
      case 'sequence':
        return pattern.parts.reduceRight((behind, part) => this.#compile(part, behind), next);
      case 'choice':
        return this.#compileChoice(pattern.parts, next);
      case 'repeat':
        return this.#compileRepeat(pattern, next);
      default:
        return unreachable(pattern);
    }
  }

  #compileChoice(parts: readonly Pattern[], next: number): number {
    let start = this.#state(0n, -1, -1, -1);
    for (const part of parts) {
      const way = this.#compile(part, next);
      if (way < 0) return -1;
      start = this.#state(0n, way, start, -1);
    }
    return start;
  }

  #compileRepeat(pattern: Pattern & { kind: 'repeat' }, next: number): number {
    const { part, min, max } = pattern;
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.#state(0n, -1, next, -1);
      this.#next[loop] = this.#compile(part, loop);
      if ((this.#next[loop] as number) < 0) return -1;
      start = loop;
    } else {
      for (let i = min; i < max && start >= 0; i++) {
        start = this.#state(0n, this.#compile(part, start), next, -1);
        if ((this.#next[start] as number) < 0) return -1;
      }
    }
    for (let i = 0; i < min && start >= 0; i++) start = this.#compile(part, start);
    return start;
  }

  #state(set: ByteSet, next: number, other: number, accepted: number): number {
    this.#sets.push(set);
    this.#next.push(next);
    this.#other.push(other);
    this.#accepted.push(accepted);
    this.#owners.push(this.#owner);
    return this.#sets.length - 1;
  }
}

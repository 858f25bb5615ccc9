/** A backtracking matcher that counts its steps, to hold the promises of regex-cost.ts against. */

import { charBit, type RegexNode, type RegexSequence } from '../../src/routing/regex-syntax.ts';

interface Continuation {
  readonly node: RegexNode;
  readonly next: Continuation | null;
}

/** Tries alternatives in the order of Perl and V8, without any of their shortcuts. */
export class CountingBacktracker {
  steps = 0;
  readonly #branches: readonly RegexSequence[];
  #text = '';

  constructor(branches: readonly RegexSequence[]) {
    this.#branches = branches;
  }

  test(text: string): boolean {
    this.steps = 0;
    this.#text = text;
    return this.#branches.some((branch) => this.#run(append(branch, null), 0));
  }

  #run(continuation: Continuation | null, at: number): boolean {
    this.steps++;
    if (continuation === null) return at === this.#text.length;
    const { node, next } = continuation;
    if (node.kind === 'char') return this.#has(node.set, at) && this.#run(next, at + 1);
    if (node.kind === 'repeat') return this.#repeat(node, next, at);
    const inside = () => node.branches.some((branch) => this.#run(append(branch, next), at));
    if (node.optional === 'no') return inside();
    if (node.optional === 'lazy') return this.#run(next, at) || inside();
    return inside() || this.#run(next, at);
  }

  #repeat(
    node: Extract<RegexNode, { kind: 'repeat' }>,
    next: Continuation | null,
    at: number,
  ): boolean {
    let most = 0;
    while (most < node.max && this.#has(node.set, at + most)) most++;
    this.steps += most;
    const counts = Array.from({ length: Math.max(0, most - node.min + 1) }, (_, i) => node.min + i);
    if (!node.lazy) counts.reverse();
    return counts.some((count) => this.#run(next, at + count));
  }

  #has(set: bigint, at: number): boolean {
    return at < this.#text.length && (set & charBit(this.#text.charCodeAt(at))) !== 0n;
  }
}

function append(sequence: RegexSequence, next: Continuation | null): Continuation | null {
  return sequence.reduceRight<Continuation | null>((rest, node) => ({ node, next: rest }), next);
}

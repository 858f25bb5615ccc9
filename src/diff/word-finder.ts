/** Finds distinct words for all that one comparison asks, each set of patterns once. */

import { Budget } from './budget.ts';
import { type DistinctWords, distinctWords, type Vocabulary } from './distinct-words.ts';
import type { Pattern } from './pattern.ts';

/** A few seconds. */
const maxWork = 20_000_000;

export class WordFinder {
  readonly #budget = new Budget(maxWork);
  /** By the patterns: the same rules stand in the tables of several ports. */
  readonly #known = new Map<string, DistinctWords>();

  /** As `distinctWords`. */
  find(
    patterns: readonly Pattern[],
    vocabulary: Vocabulary,
    wanted: ReadonlySet<number> | null = null,
  ): DistinctWords {
    const key = patternText([patterns, vocabulary, wanted === null ? null : [...wanted]]);
    const known =
      this.#known.get(key) ?? distinctWords(patterns, vocabulary, { wanted, budget: this.#budget });
    this.#known.set(key, known);
    return known;
  }
}

function patternText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? part.toString(36) : part,
  );
}

/**
 * Finds a text for every class of texts that some patterns tell apart: which of them match is the
 * same for all texts of a class. Together they stand for all texts there are.
 */

import { Automaton } from './automaton.ts';
import { Budget } from './budget.ts';
import { type ByteSet, byteSet } from './byte-set.ts';
import type { Pattern } from './pattern.ts';

export interface WordClass {
  /** Indices of the patterns that match, in order. */
  readonly matches: readonly number[];
  /** The shortest text first, and one more if there is one. */
  readonly words: readonly string[];
}

export interface Vocabulary {
  /** The bytes that texts are made of. */
  readonly alphabet: ByteSet;
  /** What every text must be. */
  readonly valid: Pattern;
}

export interface DistinctWords {
  readonly classes: readonly WordClass[];
  /** false: there were too many ways to go, and some classes may be missing. */
  readonly complete: boolean;
}

export interface WordLimits {
  /** Only texts that one of these patterns matches: numbers of `patterns`; null: all texts. */
  readonly wanted: ReadonlySet<number> | null;
  /** States that are looked at; beyond this the patterns tell too much apart for all of it. */
  readonly budget: Budget;
}

/** Of one search by itself. */
const maxWork = 20_000_000;
const wordsOfClass = 2;
/** Number of the pattern for valid texts: behind those of all others. */
const validNumber = 0x7fff_ffff;
/** Those that read well come first. */
const preferred =
  'xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_.~/:=+,;@%&$!*()[]{} ';

const preferredSets = Array.from(preferred, (char) => [char, byteSet(char)] as const);
const ranks = new Map(Array.from(preferred, (char, rank) => [char, rank]));

export function distinctWords(
  patterns: readonly Pattern[],
  vocabulary: Vocabulary,
  limits: WordLimits = { wanted: null, budget: new Budget(maxWork) },
): DistinctWords {
  const automaton = new Automaton(limits.budget);
  let complete = automaton.add(vocabulary.valid, validNumber);
  for (const [index, pattern] of patterns.entries()) {
    if (!automaton.add(pattern, index)) complete = false;
  }
  const search = new WordSearch(automaton, vocabulary.alphabet, limits);
  return { ...search.run(), complete: complete && search.isDone };
}

interface Place {
  readonly states: readonly number[];
  readonly word: string;
}

class WordSearch {
  readonly #automaton: Automaton;
  readonly #alphabet: ByteSet;
  readonly #wanted: ReadonlySet<number> | null;
  readonly #budget: Budget;
  readonly #classes = new Map<string, { matches: number[]; words: string[] }>();
  /** By their states, and which patterns match there; null where the text is not valid. */
  readonly #seen = new Map<string, { matches: number[]; words: string[] } | null>();
  isDone = false;

  constructor(automaton: Automaton, alphabet: ByteSet, { wanted, budget }: WordLimits) {
    this.#automaton = automaton;
    this.#alphabet = alphabet;
    this.#wanted = wanted;
    this.#budget = budget;
  }

  /** Breadth first, so that texts are short. */
  run(): { classes: readonly WordClass[] } {
    const waiting: Place[] = [];
    this.#meet({ states: this.#automaton.start(), word: '' }, waiting);
    for (const { states, word } of waiting) {
      for (const { block, char } of this.#waysFrom(states)) {
        if (!this.#budget.spend(1 + states.length)) return { classes: [...this.#classes.values()] };
        this.#meet({ states: this.#automaton.step(states, block), word: word + char }, waiting);
      }
    }
    this.isDone = true;
    return { classes: [...this.#classes.values()] };
  }

  #waysFrom(states: readonly number[]): { block: ByteSet; char: string }[] {
    const blocks = this.#automaton.blocks(states, this.#alphabet);
    return blocks
      .map((block) => ({ block, char: charOf(block) }))
      .sort((a, b) => rankOf(a.char) - rankOf(b.char));
  }

  #meet(place: Place, waiting: Place[]): void {
    if (this.#wanted !== null && !this.#automaton.leadsTo(place.states, this.#wanted)) return;
    const key = place.states.join();
    let found = this.#seen.get(key);
    if (found === undefined) {
      found = this.#classAt(place.states);
      this.#seen.set(key, found);
      if (place.states.length > 0) waiting.push(place);
    }
    if (found === null || found.words.length >= wordsOfClass) return;
    if (!found.words.includes(place.word)) found.words.push(place.word);
  }

  #classAt(states: readonly number[]): { matches: number[]; words: string[] } | null {
    const matches = this.#automaton.accepted(states);
    if (matches.pop() !== validNumber) return null;
    const wanted = this.#wanted;
    if (wanted !== null && !matches.some((number) => wanted.has(number))) return null;
    const key = matches.join();
    const known = this.#classes.get(key) ?? { matches, words: [] };
    this.#classes.set(key, known);
    return known;
  }
}

function rankOf(char: string): number {
  return ranks.get(char) ?? preferred.length + char.charCodeAt(0);
}

function charOf(block: ByteSet): string {
  for (const [char, set] of preferredSets) if ((block & set) !== 0n) return char;
  return String.fromCharCode((block & -block).toString(2).length - 1);
}

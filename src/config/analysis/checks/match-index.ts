/** Finds what covers a match among many earlier ones, without asking each. */

import type { HttpRule } from '../../translate/virtual-services.ts';
import { type Coverable, covers, literalStart } from './covering.ts';

export interface EarlierMatch {
  readonly match: Coverable;
  readonly rule: HttpRule;
}

export class MatchIndex {
  /** Exact paths and prefixes, in lower case. */
  readonly #byText = new Map<string, EarlierMatch[]>();
  readonly #patterns: EarlierMatch[] = [];

  add(earlier: EarlierMatch): void {
    const { path } = earlier.match;
    if (path.kind === 'regex') {
      this.#patterns.push(earlier);
      return;
    }
    const key = path.value.toLowerCase();
    const others = this.#byText.get(key);
    if (others === undefined) this.#byText.set(key, [earlier]);
    else others.push(earlier);
  }

  covering(match: Coverable): EarlierMatch | null {
    const { path } = match;
    // Of a pattern the letters before its first sign; a path has at least a slash.
    const start = path.kind === 'regex' ? literalStart(path.value).text || '/' : path.value;
    const text = start.toLowerCase();
    for (let length = text.length; length >= 0; length -= 1) {
      const found = firstCovering(this.#byText.get(text.slice(0, length)), match);
      if (found !== null) return found;
    }
    return firstCovering(this.#patterns, match);
  }
}

function firstCovering(
  candidates: readonly EarlierMatch[] | undefined,
  match: Coverable,
): EarlierMatch | null {
  return candidates?.find((earlier) => covers(earlier.match, match)) ?? null;
}

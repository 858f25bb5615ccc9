/** Finds what covers a match among many earlier ones, without asking each. */

import type { HttpRule } from '../../translate/rules/virtual-services.ts';
import { type Coverable, covers, literalStart } from './covering.ts';

export interface EarlierMatch {
  readonly match: Coverable;
  readonly rule: HttpRule;
}

/** Earlier matches that are asked for one; where more come into question, nothing is said of them. */
const candidatesMax = 20;

export class MatchIndex {
  /** By exact paths, prefixes, and what patterns begin with, in lower case. */
  readonly #byText = new Map<string, EarlierMatch[]>();
  /** Of these texts, the longest first. */
  readonly #lengths: number[] = [];

  add(earlier: EarlierMatch): void {
    const key = startOf(earlier.match);
    const others = this.#byText.get(key);
    if (others === undefined) {
      this.#byText.set(key, [earlier]);
      this.#noteLength(key.length);
    } else {
      others.push(earlier);
    }
  }

  covering(match: Coverable): EarlierMatch | null {
    // A path has at least a slash.
    const text = startOf(match) || '/';
    let left = candidatesMax;
    for (const length of this.#lengths) {
      if (length > text.length) continue;
      const candidates = this.#byText.get(text.slice(0, length)) ?? [];
      const asked = candidates.slice(0, left);
      const found = asked.find((earlier) => covers(earlier.match, match));
      if (found !== undefined) return found;
      left -= asked.length;
      if (left === 0) return null;
    }
    return null;
  }

  #noteLength(length: number): void {
    if (this.#lengths.includes(length)) return;
    const place = this.#lengths.findIndex((other) => other < length);
    this.#lengths.splice(place === -1 ? this.#lengths.length : place, 0, length);
  }
}

/** Of a pattern the letters before its first sign. */
function startOf({ path }: Coverable): string {
  return (path.kind === 'regex' ? literalStart(path.value).text : path.value).toLowerCase();
}

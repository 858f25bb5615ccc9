/**
 * Parses the plain part of RE2's syntax: characters, classes, repetition of single characters, and
 * groups that occur at most once. What it accepts means the same to RE2 and to V8 on texts of
 * ASCII without line breaks; everything else is left to RE2 itself.
 */

/** Characters as a bit set: bit 65 stands for `A`. Line breaks and non-ASCII are never in it. */
export type CharSet = bigint;

export type RegexNode =
  | { readonly kind: 'char'; readonly set: CharSet }
  | {
      readonly kind: 'repeat';
      readonly set: CharSet;
      readonly min: number;
      /** Infinity where there is no upper bound. */
      readonly max: number;
      readonly lazy: boolean;
    }
  | {
      readonly kind: 'group';
      readonly branches: readonly RegexSequence[];
      readonly optional: 'no' | 'greedy' | 'lazy';
    };

export type RegexSequence = readonly RegexNode[];

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** RE2 refuses higher counts. */
const maxRepeatCount = 1000;

/** Every character of the texts in question: what `.` stands for. */
export const anyChar: CharSet = ((1n << 128n) - 1n) & ~charBit(lineFeed) & ~charBit(carriageReturn);

const digits = charRange(0x30, 0x39);
const upperCase = charRange(0x41, 0x5a);
const lowerCase = charRange(0x61, 0x7a);
const wordChars = digits | upperCase | lowerCase | charBit(0x5f);
/** RE2's `\s` has no vertical tab, unlike V8's. */
const spaces = charBit(0x09) | charBit(0x0c) | charBit(0x20);

const classEscapes: Readonly<Record<string, CharSet>> = {
  d: digits,
  D: anyChar & ~digits,
  w: wordChars,
  W: anyChar & ~wordChars,
  s: spaces,
  S: anyChar & ~spaces,
};
const charEscapes: Readonly<Record<string, number>> = { t: 0x09, f: 0x0c, v: 0x0b };

/** Branches of the whole pattern, for a match of the whole text; null if it is not plain. */
export function parsePlainRegex(pattern: string): readonly RegexSequence[] | null {
  const ignoreCase = pattern.startsWith('(?i)');
  const parser = new PlainRegexParser(ignoreCase ? pattern.slice(4) : pattern, ignoreCase);
  return parser.parse();
}

export function charBit(code: number): CharSet {
  return 1n << BigInt(code);
}

class PlainRegexParser {
  readonly #pattern: string;
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(pattern: string, ignoreCase: boolean) {
    this.#pattern = pattern;
    this.#ignoreCase = ignoreCase;
  }

  parse(): readonly RegexSequence[] | null {
    const branches = this.#branches(true);
    return this.#at === this.#pattern.length ? branches : null;
  }

  #branches(outermost: boolean): readonly RegexSequence[] | null {
    const branches: RegexSequence[] = [];
    do {
      const sequence = this.#sequence(outermost);
      if (sequence === null) return null;
      branches.push(sequence);
    } while (this.#take('|'));
    return branches;
  }

  #sequence(outermost: boolean): RegexSequence | null {
    const nodes: RegexNode[] = [];
    // The whole text must match anyway, so that anchors at its ends add nothing.
    if (outermost) this.#take('^');
    while (this.#at < this.#pattern.length) {
      const next = this.#pattern[this.#at] as string;
      if (next === '|' || next === ')') break;
      if (outermost && next === '$') {
        this.#at++;
        return this.#at === this.#pattern.length || this.#peek('|') ? nodes : null;
      }
      const node = next === '(' ? this.#group() : this.#repeat();
      if (node === null) return null;
      nodes.push(node);
    }
    return nodes;
  }

  #group(): RegexNode | null {
    this.#at++;
    if (this.#peek('?') && !this.#takeText('?:')) return null;
    const branches = this.#branches(false);
    if (branches === null || !this.#take(')')) return null;
    const question = this.#take('?');
    const lazy = question && this.#take('?');
    if (this.#atRepetition()) return null;
    return { kind: 'group', branches, optional: question ? (lazy ? 'lazy' : 'greedy') : 'no' };
  }

  #repeat(): RegexNode | null {
    const set = this.#atom();
    if (set === null) return null;
    const counts = this.#counts();
    if (counts === null) return null;
    const { min, max } = counts;
    if (min === 1 && max === 1 && !this.#atRepetition()) return { kind: 'char', set };
    const lazy = this.#take('?');
    return this.#atRepetition() ? null : { kind: 'repeat', set, min, max, lazy };
  }

  #counts(): { min: number; max: number } | null {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    if (!this.#peek('{')) return { min: 1, max: 1 };
    const counts = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#pattern.slice(this.#at));
    if (counts === null) return null;
    this.#at += counts[0].length;
    const min = Number(counts[1]);
    const upper = counts[3] ?? String(min);
    const max = upper === '' ? Number.POSITIVE_INFINITY : Number(upper);
    const isRefused = min > maxRepeatCount || (max > maxRepeatCount && upper !== '') || max < min;
    return isRefused ? null : { min, max };
  }

  /** One character, class or escape. */
  #atom(): CharSet | null {
    const next = this.#pattern[this.#at] as string;
    if (next === '.') {
      this.#at++;
      return anyChar;
    }
    if (next === '[') return this.#class();
    if (next === '\\') return this.#escape();
    if ('^$*+?{'.includes(next)) return null;
    return this.#literal();
  }

  #literal(): CharSet | null {
    const code = this.#pattern.charCodeAt(this.#at++);
    return code < 0x80 ? this.#fold(charBit(code) & anyChar) : null;
  }

  #escape(): CharSet | null {
    const name = this.#pattern[this.#at + 1] ?? '';
    this.#at += 2;
    const known = classEscapes[name];
    if (known !== undefined) return known;
    const code = charEscapes[name] ?? name.charCodeAt(0);
    const isPunctuation = code < 0x80 && !/[A-Za-z0-9]/.test(name);
    return isPunctuation || name in charEscapes ? this.#fold(charBit(code) & anyChar) : null;
  }

  #class(): CharSet | null {
    this.#at++;
    const negated = this.#take('^');
    if (this.#peek(']')) return null;
    let set: CharSet = 0n;
    while (!this.#take(']')) {
      const item = this.#classItem();
      if (item === null) return null;
      set |= item;
    }
    const folded = this.#fold(set);
    return negated ? anyChar & ~folded : folded;
  }

  /** A character, a range, or an escape for several characters. */
  #classItem(): CharSet | null {
    if (this.#at >= this.#pattern.length || this.#takeText('[:')) return null;
    const first = this.#pattern[this.#at] as string;
    const isLast = this.#pattern[this.#at + 1] === ']';
    // A hyphen inside a class is plain at its end only; RE2 refuses some other places.
    if (first === '-' && !isLast) return null;
    const low = this.#classChar();
    if (low === null || typeof low === 'bigint') return low;
    const isRange = this.#peek('-') && this.#pattern[this.#at + 1] !== ']';
    if (!isRange) return charBit(low) & anyChar;
    this.#at++;
    const high = this.#classChar();
    if (typeof high !== 'number' || high < low) return null;
    return charRange(low, high) & anyChar;
  }

  #classChar(): number | CharSet | null {
    if (this.#take('\\')) {
      const name = this.#pattern[this.#at++] ?? '';
      const known = classEscapes[name] ?? charEscapes[name];
      if (known !== undefined) return known;
      return name !== '' && /[^A-Za-z0-9]/.test(name) && name < '\x80' ? name.charCodeAt(0) : null;
    }
    const code = this.#pattern.charCodeAt(this.#at++);
    return code < 0x80 ? code : null;
  }

  /** Under `(?i)` both cases of every letter. */
  #fold(set: CharSet): CharSet {
    if (!this.#ignoreCase) return set;
    return set | ((set & upperCase) << 32n) | ((set & lowerCase) >> 32n);
  }

  #atRepetition(): boolean {
    const next = this.#pattern[this.#at];
    return next !== undefined && '*+?{'.includes(next);
  }

  #peek(char: string): boolean {
    return this.#pattern[this.#at] === char;
  }

  #take(char: string): boolean {
    if (!this.#peek(char)) return false;
    this.#at++;
    return true;
  }

  #takeText(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function charRange(low: number, high: number): CharSet {
  return ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
}

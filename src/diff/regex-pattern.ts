/**
 * Reads a regular expression in RE2's syntax, for a match of the whole text, as a pattern. What
 * looks at the neighbourhood (word boundaries, anchors in the middle) and classes of Unicode are
 * left out: of such an expression nothing is known here.
 */

import { wireFromUnicode } from '../base/wire-text.ts';
import { anyByte, byteSet, withBothCases } from './byte-set.ts';
import type { Pattern } from './pattern.ts';

const digits = byteSet('0123456789');
const upper = byteSet('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const lower = upper << 32n;
const word = digits | upper | lower | byteSet('_');
const spaces = byteSet('\t\n\f\r ');
const lineFeed = byteSet('\n');
const graphic = ((1n << 0x7fn) - 1n) & ~((1n << 0x21n) - 1n);

const classEscapes: Readonly<Record<string, bigint>> = {
  d: digits,
  D: anyByte & ~digits,
  w: word,
  W: anyByte & ~word,
  s: spaces,
  S: anyByte & ~spaces,
};

const namedClasses: Readonly<Record<string, bigint>> = {
  alnum: digits | upper | lower,
  alpha: upper | lower,
  blank: byteSet('\t '),
  digit: digits,
  graph: graphic,
  lower,
  print: graphic | byteSet(' '),
  punct: graphic & ~(digits | upper | lower),
  space: spaces | byteSet('\v'),
  upper,
  word,
  xdigit: digits | byteSet('ABCDEFabcdef'),
};

const charEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** RE2 refuses higher counts. */
const maxRepeatCount = 1000;

/** null: it has something that a pattern cannot say, or is no regular expression. */
export function parseRegexPattern(text: string): Pattern | null {
  const parser = new RegexParser(wireFromUnicode(text));
  return parser.parse();
}

/** Ends the parsing from wherever it is. */
class Unreadable extends Error {}

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
}

class RegexParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, dotAll: false };

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Pattern | null {
    try {
      const pattern = this.#choice();
      return this.#at === this.#text.length ? pattern : null;
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
  }

  #choice(): Pattern {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as Pattern) : { kind: 'choice', parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    // The whole text must match anyway: anchors at its ends add nothing.
    while (this.#depth === 0 && (this.#take('^') || this.#take('\\A')));
    while (this.#at < this.#text.length && !this.#peek('|') && !this.#peek(')')) {
      if (this.#takeEndAnchor()) continue;
      const atom = this.#atom();
      if (atom !== null) parts.push(this.#repeated(atom));
    }
    return { kind: 'sequence', parts };
  }

  #takeEndAnchor(): boolean {
    const taken = this.#depth === 0 && (this.#take('$') || this.#take('\\z'));
    if (!taken) return false;
    const atEnd = this.#at === this.#text.length || this.#peek('|') || this.#peek('$');
    if (!atEnd) throw new Unreadable();
    return true;
  }

  #repeated(atom: Pattern): Pattern {
    let pattern = atom;
    for (;;) {
      const counts = this.#counts();
      if (counts === null) return pattern;
      this.#take('?');
      pattern = { kind: 'repeat', part: pattern, ...counts };
    }
  }

  #counts(): { min: number; max: number } | null {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    const counts = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#text.slice(this.#at));
    if (counts === null) return null;
    this.#at += counts[0].length;
    const min = Number(counts[1]);
    const end = counts[3] ?? String(min);
    const max = end === '' ? Number.POSITIVE_INFINITY : Number(end);
    const isRefused = min > maxRepeatCount || max < min || (end !== '' && max > maxRepeatCount);
    if (isRefused) throw new Unreadable();
    return { min, max };
  }

  /** null: nothing that matches, such as flags. */
  #atom(): Pattern | null {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return { kind: 'byte', set: this.#class() };
    if (this.#take('\\')) return this.#escape();
    const next = this.#next();
    if ('^$*+?'.includes(next)) throw new Unreadable();
    if (next === '.') {
      return { kind: 'byte', set: this.#flags.dotAll ? anyByte : anyByte & ~lineFeed };
    }
    return { kind: 'byte', set: this.#fold(byteSet(next)) };
  }

  #group(): Pattern | null {
    const outer = { ...this.#flags };
    if (this.#take('?')) {
      const head = /^(?:P?<\w+>|([is]*)(?:-([is]+))?(:|\)))/.exec(this.#text.slice(this.#at));
      if (head === null) throw new Unreadable();
      this.#at += head[0].length;
      this.#setFlags(head[1] ?? '', head[2] ?? '');
      if (head[3] === ')') return null;
    }
    this.#depth++;
    const pattern = this.#choice();
    this.#depth--;
    if (!this.#take(')')) throw new Unreadable();
    this.#flags = outer;
    return pattern;
  }

  #setFlags(on: string, off: string): void {
    if (on.includes('i')) this.#flags.ignoreCase = true;
    if (on.includes('s')) this.#flags.dotAll = true;
    if (off.includes('i')) this.#flags.ignoreCase = false;
    if (off.includes('s')) this.#flags.dotAll = false;
  }

  #escape(): Pattern {
    if (this.#take('Q')) return this.#quoted();
    const known = classEscapes[this.#text[this.#at] ?? ''];
    if (known !== undefined) {
      this.#at++;
      return { kind: 'byte', set: known };
    }
    return { kind: 'byte', set: this.#fold(byteSet(this.#escapedChar())) };
  }

  #quoted(): Pattern {
    const endAt = this.#text.indexOf('\\E', this.#at);
    const end = endAt < 0 ? this.#text.length : endAt;
    const text = this.#text.slice(this.#at, end);
    this.#at = endAt < 0 ? end : end + 2;
    const parts = Array.from(text, (char): Pattern => {
      return { kind: 'byte', set: this.#fold(byteSet(char)) };
    });
    return { kind: 'sequence', parts };
  }

  #escapedChar(): string {
    const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,2})\})/.exec(this.#text.slice(this.#at));
    if (hex !== null) {
      this.#at += hex[0].length;
      return String.fromCharCode(Number.parseInt(hex[1] ?? hex[2] ?? '', 16));
    }
    const next = this.#next();
    const char = charEscapes[next];
    if (char !== undefined) return char;
    if (/[A-Za-z0-9]/.test(next)) throw new Unreadable();
    return next;
  }

  #class(): bigint {
    const negated = this.#take('^');
    let set = 0n;
    let first = true;
    while (first || !this.#peek(']')) {
      set |= this.#classItem();
      first = false;
    }
    this.#at++;
    const folded = this.#fold(set);
    return negated ? anyByte & ~folded : folded;
  }

  #classItem(): bigint {
    const named = /^\[:(\^?)(\w+):\]/.exec(this.#text.slice(this.#at));
    if (named !== null) {
      const set = namedClasses[named[2] ?? ''];
      if (set === undefined) throw new Unreadable();
      this.#at += named[0].length;
      return named[1] === '^' ? anyByte & ~set : set;
    }
    const low = this.#classChar();
    if (typeof low === 'bigint') return low;
    const isRange = this.#peek('-') && this.#text[this.#at + 1] !== ']';
    if (!isRange) return byteSet(low);
    this.#at++;
    const high = this.#classChar();
    if (typeof high === 'bigint' || high < low) throw new Unreadable();
    const count = BigInt(high.charCodeAt(0) - low.charCodeAt(0) + 1);
    return ((1n << count) - 1n) << BigInt(low.charCodeAt(0));
  }

  #classChar(): string | bigint {
    if (!this.#take('\\')) return this.#next();
    const known = classEscapes[this.#text[this.#at] ?? ''];
    if (known === undefined) return this.#escapedChar();
    this.#at++;
    return known;
  }

  #fold(set: bigint): bigint {
    return this.#flags.ignoreCase ? withBothCases(set) : set;
  }

  #next(): string {
    const next = this.#text[this.#at++];
    if (next === undefined) throw new Unreadable();
    return next;
  }

  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }
}

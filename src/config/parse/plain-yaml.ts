/**
 * Reads the YAML that nearly all configuration is written in, some ten times as fast as a whole
 * parser: block mappings and lists, and on one line scalars, quoted or not, and flow collections.
 * Anything else, right or wrong, is not judged here: it is left to the parser that knows it all.
 */

import { maxDepth } from './limits.ts';
import type { Placed, PlainEntry, PlainNode, PlainScalar } from './plain-node.ts';
import { plainScalar } from './plain-scalar.ts';

/** null: not of the plain kind, or not YAML at all. */
export function readPlainYaml(text: string): PlainNode | null {
  // Tabs and carriage returns have rules of their own; other control characters are not allowed.
  return /[^\P{Cc}\n]|\uFEFF/u.test(text) ? null : new PlainReader(text).read();
}

/** Names without blanks, which cannot be taken for anything but a text. */
const plainKey = /[A-Za-z_][A-Za-z0-9_./-]*(?=:(?: |\n|$))/y;

/** An unquoted scalar outside flow collections, with the blanks and the comment behind it. */
const blockScalar = /(?:[A-Za-z0-9_./+~$^(\\]|-[A-Za-z0-9_./])[^\n]*/y;

/** An unquoted scalar in a flow collection, with blanks behind it. */
const flowScalar = /(?:[A-Za-z0-9_./+~$^(\\]|-[A-Za-z0-9_./])[^\n,[\]{}:#]*/y;

const blanks = / */y;

class PlainReader {
  readonly #text: string;
  /** Where reading goes on. */
  #at = 0;
  #line = 1;
  #lineStart = 0;
  /** 0-based column of the first character of the line that is no blank; -1 behind the last line. */
  #indent = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): PlainNode | null {
    this.#toContent();
    if (this.#indent < 0) return null;
    const node = this.#block();
    return node !== null && this.#indent < 0 ? node : null;
  }

  /** From the beginning of a line to the first one that has more than blanks and a comment. */
  #toContent(): void {
    const text = this.#text;
    for (;;) {
      this.#skipBlanks();
      const character = text[this.#at];
      if (character === undefined) {
        this.#indent = -1;
        return;
      }
      if (character !== '\n' && character !== '#') break;
      if (!this.#toLine()) return;
    }
    this.#indent = this.#at - this.#lineStart;
  }

  /** To the beginning of the next line; false where there is none. */
  #toLine(): boolean {
    const end = this.#text.indexOf('\n', this.#at);
    if (end === -1) {
      this.#at = this.#text.length;
      this.#indent = -1;
      return false;
    }
    this.#at = end + 1;
    this.#lineStart = end + 1;
    this.#line += 1;
    return true;
  }

  #skipBlanks(): void {
    this.#match(blanks);
  }

  /** What stands here and is of the form of `pattern`, which is read; null: something else. */
  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }

  /** Behind a value: only blanks and a comment may follow. Goes on to the next content. */
  #endLine(): boolean {
    this.#skipBlanks();
    const character = this.#text[this.#at];
    const isComment = character === '#' && this.#text[this.#at - 1] === ' ';
    if (character !== undefined && character !== '\n' && !isComment) return false;
    if (this.#toLine()) this.#toContent();
    return true;
  }

  #place(): Placed {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  /** A mapping or a list that begins here. */
  #block(): PlainNode | null {
    if (this.#depth >= maxDepth) return null;
    this.#depth += 1;
    const column = this.#at - this.#lineStart;
    const node = this.#isItem() ? this.#blockList(column) : this.#blockMap(column, this.#key());
    this.#depth -= 1;
    return node;
  }

  #isItem(): boolean {
    const next = this.#text[this.#at + 1];
    return this.#text[this.#at] === '-' && (next === ' ' || next === '\n' || next === undefined);
  }

  #blockList(column: number): PlainNode | null {
    const place = this.#place();
    const items: PlainNode[] = [];
    while (true) {
      this.#at += 1;
      const item = this.#item(column);
      if (item === null) return null;
      items.push(item);
      if (this.#indent > column) return null;
      if (this.#indent < column || !this.#isItem()) break;
    }
    return { is: 'list', ...place, items, value: items.map(({ value }) => value) };
  }

  /** Behind the dash. */
  #item(column: number): PlainNode | null {
    this.#skipBlanks();
    if (this.#isItem()) return this.#block();
    const key = this.#key();
    if (key !== null) return this.#nestedMap(key);
    if (this.#isLineEnd()) {
      if (!this.#endLine()) return null;
      return this.#indent > column ? this.#block() : null;
    }
    return this.#inline();
  }

  #nestedMap(key: FoundKey): PlainNode | null {
    if (this.#depth >= maxDepth) return null;
    this.#depth += 1;
    const node = this.#blockMap(key.place.column - 1, key);
    this.#depth -= 1;
    return node;
  }

  #isLineEnd(): boolean {
    const character = this.#text[this.#at];
    return character === undefined || character === '\n' || character === '#';
  }

  /** `first`: the key it begins with, which is read. */
  #blockMap(column: number, first: FoundKey | null): PlainNode | null {
    const entries: PlainEntry[] = [];
    const value: Record<string, unknown> = {};
    for (let key = first; ; key = this.#key()) {
      if (key === null || Object.hasOwn(value, key.text)) return null;
      const node = this.#entryValue(column);
      if (node === null) return null;
      entries.push({ key: key.text, keyPlace: key.place, node });
      value[key.text] = node.value;
      if (this.#indent > column) return null;
      if (this.#indent < column) break;
    }
    return first === null ? null : { is: 'map', ...first.place, entries, value };
  }

  /** A key and its colon; null: none stands here, and nothing is read. */
  #key(): FoundKey | null {
    const place = this.#place();
    const start = this.#at;
    const text = this.#quoted() ?? this.#match(plainKey);
    const next = this.#text[this.#at + 1];
    const isKey =
      text !== null &&
      text.length < maxKeyLength &&
      this.#text[this.#at] === ':' &&
      (next === ' ' || next === '\n' || next === undefined);
    if (!isKey || isOdd(text)) {
      this.#at = start;
      return null;
    }
    this.#at += 1;
    return { text, place };
  }

  /** Behind the colon of a key at `column`. */
  #entryValue(column: number): PlainNode | null {
    const behind = this.#place();
    this.#skipBlanks();
    if (!this.#isLineEnd()) return this.#inline();
    if (!this.#endLine()) return null;
    if (this.#indent > column) return this.#block();
    // A list may begin at the column of the key that it belongs to.
    if (this.#indent === column && this.#isItem()) return this.#block();
    return { is: 'scalar', ...behind, value: null, isEmpty: true };
  }

  /** A value on one line, and the end of that line. */
  #inline(): PlainNode | null {
    const character = this.#text[this.#at];
    const isFlow = character === '[' || character === '{';
    const node = isFlow ? this.#flow() : (this.#quotedScalar() ?? this.#blockScalar());
    return node !== null && this.#endLine() ? node : null;
  }

  #quotedScalar(): PlainScalar | null {
    const place = this.#place();
    const value = this.#quoted();
    return value === null ? null : { is: 'scalar', ...place, value, isEmpty: false };
  }

  /** Without escapes, closed on the same line; null: none stands here, and nothing is read. */
  #quoted(): string | null {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return null;
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end === -1) return null;
    const value = this.#text.slice(this.#at + 1, end);
    const isEscaped = quote === '"' ? value.includes('\\') : this.#text[end + 1] === "'";
    if (isEscaped || value.includes('\n')) return null;
    this.#at = end + 1;
    return value;
  }

  #blockScalar(): PlainScalar | null {
    const place = this.#place();
    const line = this.#match(blockScalar);
    if (line === null) return null;
    const comment = line.indexOf(' #');
    const text = withoutBlanks(comment === -1 ? line : line.slice(0, comment));
    return text.includes(': ') || text.endsWith(':') ? null : scalarOf(text, place);
  }

  #flow(): PlainNode | null {
    const character = this.#text[this.#at];
    if (character !== '[' && character !== '{') return this.#flowScalar();
    if (this.#depth >= maxDepth) return null;
    this.#depth += 1;
    const node = character === '[' ? this.#flowList() : this.#flowMap();
    this.#depth -= 1;
    return node;
  }

  #flowScalar(): PlainScalar | null {
    const quoted = this.#quotedScalar();
    if (quoted !== null) return quoted;
    const place = this.#place();
    const text = this.#match(flowScalar);
    return text === null ? null : scalarOf(withoutBlanks(text), place);
  }

  #flowList(): PlainNode | null {
    const place = this.#place();
    const items: PlainNode[] = [];
    for (let next = this.#open(']'); next !== 'end'; next = this.#separator(']')) {
      const item = next === 'item' ? this.#flow() : null;
      if (item === null) return null;
      items.push(item);
    }
    return { is: 'list', ...place, items, value: items.map(({ value }) => value) };
  }

  #flowMap(): PlainNode | null {
    const place = this.#place();
    const entries: PlainEntry[] = [];
    const value: Record<string, unknown> = {};
    for (let next = this.#open('}'); next !== 'end'; next = this.#separator('}')) {
      const key = next === 'item' ? this.#key() : null;
      if (key === null || Object.hasOwn(value, key.text)) return null;
      this.#skipBlanks();
      const node = this.#flow();
      if (node === null) return null;
      entries.push({ key: key.text, keyPlace: key.place, node });
      value[key.text] = node.value;
    }
    return { is: 'map', ...place, entries, value };
  }

  /** Behind the opening bracket: whether there is an item. */
  #open(close: string): 'item' | 'end' | 'odd' {
    this.#at += 1;
    this.#skipBlanks();
    if (this.#text[this.#at] !== close) return 'item';
    this.#at += 1;
    return 'end';
  }

  /** Behind an item: another one, the end, or something that is not plain. */
  #separator(close: string): 'item' | 'end' | 'odd' {
    this.#skipBlanks();
    const character = this.#text[this.#at];
    this.#at += 1;
    if (character === close) return 'end';
    if (character !== ',') return 'odd';
    this.#skipBlanks();
    return 'item';
  }
}

interface FoundKey {
  readonly text: string;
  readonly place: Placed;
}

/** YAML allows 1,024 characters in a key before its colon. */
const maxKeyLength = 1_000;

/** `true`, which is no text; `__proto__`, which is no property as others are; and what merges. */
function isOdd(key: string): boolean {
  return key === '__proto__' || key === '<<' || plainScalar(key) !== key;
}

/** Without those at the end; YAML counts no other white space as blank. */
function withoutBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}

function scalarOf(text: string, place: Placed): PlainScalar | null {
  const value = plainScalar(text);
  return value === undefined ? null : { is: 'scalar', ...place, value, isEmpty: false };
}

/**
 * Regular expressions of the configuration: RE2 syntax, matched against the whole text, in time
 * linear in its length whatever the pattern. V8's engine does the work where `regex-cost.ts` has
 * proved that it cannot be made slow; it is about ten times faster than RE2 in JavaScript.
 */

import type { RE2JS } from 're2js';
import { re2 } from '../base/re2.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import { longestHarmlessText } from './regex-cost.ts';
import {
  anyChar,
  type CharSet,
  charBit,
  parsePlainRegex,
  type RegexNode,
  type RegexSequence,
} from './regex-syntax.ts';

export interface Regex {
  /** `text` holds bytes (Latin-1), each of which is a character for the pattern, as in Envoy. */
  test(text: string): boolean;
  /** Every text that matches begins with this; empty if that is unknown. */
  readonly literalPrefix: string;
}

/** null if the pattern is not valid RE2. */
export function compileRegex(pattern: string): Regex | null {
  const plain = parsePlainRegex(pattern);
  if (plain !== null) {
    const limit = longestHarmlessText(pattern, plain);
    if (limit > 0) return new PlainRegex(pattern, plain, limit);
  }
  const engine = compileRe2(pattern);
  return engine === null ? null : new Re2Regex(engine);
}

/** null if the pattern is not valid RE2. */
export function compileRe2(pattern: string): RE2JS | null {
  try {
    // Envoy's RE2 reads patterns and texts as Latin-1: `é` is the two characters of its bytes.
    return re2().compile(wireFromUnicode(pattern));
  } catch {
    // The only way in which the library says that a pattern is wrong.
    return null;
  }
}

/** On other texts RE2 and V8 may differ. */
const unusualText = /[^\t\x20-\x7e]/;

class PlainRegex implements Regex {
  readonly literalPrefix: string;
  readonly #pattern: string;
  readonly #regex: RegExp;
  readonly #limit: number;
  #fallback: Regex | null = null;

  constructor(pattern: string, branches: readonly RegexSequence[], limit: number) {
    this.#pattern = pattern;
    this.#regex = new RegExp(`^(?:${branchesSource(branches)})$`);
    this.#limit = limit;
    this.literalPrefix = literalPrefixOf(branches);
  }

  test(text: string): boolean {
    if (text.length <= this.#limit && !unusualText.test(text)) return this.#regex.test(text);
    return this.#byRe2().test(text);
  }

  #byRe2(): Regex {
    this.#fallback ??= new Re2Regex(re2().compile(wireFromUnicode(this.#pattern)));
    return this.#fallback;
  }
}

class Re2Regex implements Regex {
  readonly literalPrefix = '';
  readonly #engine: RE2JS;

  constructor(engine: RE2JS) {
    this.#engine = engine;
  }

  test(text: string): boolean {
    return this.#engine.testExact(text);
  }
}

function branchesSource(branches: readonly RegexSequence[]): string {
  return branches.map((branch) => branch.map(nodeSource).join('')).join('|');
}

function nodeSource(node: RegexNode): string {
  if (node.kind === 'char') return setSource(node.set);
  if (node.kind === 'group') {
    const suffix = { no: '', greedy: '?', lazy: '??' }[node.optional];
    return `(?:${branchesSource(node.branches)})${suffix}`;
  }
  const { min, max } = node;
  const upper = max === Number.POSITIVE_INFINITY ? '' : max;
  return `${setSource(node.set)}{${min},${upper}}${node.lazy ? '?' : ''}`;
}

function setSource(set: CharSet): string {
  if (set === anyChar) return '.';
  let members = '';
  for (let code = 0; code < 0x80; code++) {
    if ((set & charBit(code)) !== 0n) members += hexEscape(code);
  }
  return members.length === hexEscape(0).length ? members : `[${members}]`;
}

function hexEscape(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

function literalPrefixOf(branches: readonly RegexSequence[]): string {
  const [only] = branches;
  if (branches.length !== 1 || only === undefined) return '';
  let prefix = '';
  for (const node of only) {
    const char = node.kind === 'char' ? singleChar(node.set) : null;
    if (char === null) break;
    prefix += char;
  }
  return prefix;
}

function singleChar(set: CharSet): string | null {
  const code = set.toString(2).length - 1;
  return set !== 0n && set === charBit(code) ? String.fromCharCode(code) : null;
}

/**
 * The language that picks requests: `status>=500 and route=~"reviews.*"`. Comparisons of fields of
 * a RequestRecord, joined by `and`, `or`, `not` and parentheses. See docs/api.md.
 */

import { err, ok, type Result } from '../../base/result.ts';
import { compileComparison } from './request-filter-comparison.ts';
import { FilterSyntaxError, type FilterToken, readFilterTokens } from './request-filter-tokens.ts';
import type { RequestRecord } from './request-record.ts';

export type RequestFilter = (record: RequestRecord) => boolean;

export interface FilterError {
  readonly message: string;
  /** Where in the text, in characters from 0. */
  readonly position: number;
}

const maxLength = 4096;
/** Of parentheses and `not`, which are read by recursion. */
const maxDepth = 64;

/** null: everything passes. */
export function compileRequestFilter(text: string): Result<RequestFilter | null, FilterError> {
  if (text.length > maxLength) {
    return err({ message: `a filter has at most ${maxLength} characters`, position: maxLength });
  }
  if (text.trim() === '') return ok(null);
  try {
    return ok(new FilterParser(readFilterTokens(text)).parse());
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return err({ message: error.message, position: error.position });
  }
}

/** By recursive descent: `or` binds least, then `and`, then `not`. */
class FilterParser {
  readonly #tokens: readonly FilterToken[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly FilterToken[]) {
    this.#tokens = tokens;
  }

  parse(): RequestFilter {
    const filter = this.#either();
    const { kind, at } = this.#peek();
    if (kind === 'close') throw new FilterSyntaxError('this ) closes nothing', at);
    if (kind !== 'end') throw new FilterSyntaxError('write "and" or "or" before this', at);
    return filter;
  }

  #either(): RequestFilter {
    const sides = [this.#all()];
    while (this.#skipWord('or')) sides.push(this.#all());
    const [only] = sides;
    if (sides.length === 1 && only !== undefined) return only;
    return (record) => sides.some((side) => side(record));
  }

  #all(): RequestFilter {
    const sides = [this.#one()];
    while (this.#skipWord('and')) sides.push(this.#one());
    const [only] = sides;
    if (sides.length === 1 && only !== undefined) return only;
    return (record) => sides.every((side) => side(record));
  }

  #one(): RequestFilter {
    if (this.#skipWord('not')) {
      const inner = this.#nested(() => this.#one());
      return (record) => !inner(record);
    }
    if (this.#peek().kind === 'open') {
      this.#next++;
      const inner = this.#nested(() => this.#either());
      this.#close();
      return inner;
    }
    return this.#comparison();
  }

  #nested(read: () => RequestFilter): RequestFilter {
    if (this.#depth === maxDepth) {
      throw new FilterSyntaxError(`nested more than ${maxDepth} deep`, this.#peek().at);
    }
    this.#depth++;
    const filter = read();
    this.#depth--;
    return filter;
  }

  #close(): void {
    const { kind, at } = this.#peek();
    if (kind !== 'close') throw new FilterSyntaxError('a ) is missing here', at);
    this.#next++;
  }

  #comparison(): RequestFilter {
    const name = this.#take();
    if (name.kind !== 'word') {
      throw new FilterSyntaxError('a field is expected here, for example status', name.at);
    }
    const operator = this.#take();
    if (operator.kind !== 'operator') {
      const message = `one of = != =~ !~ > >= < <= is expected after "${name.text}"`;
      throw new FilterSyntaxError(message, operator.at);
    }
    const value = this.#take();
    if (value.kind !== 'word' && value.kind !== 'quoted') {
      throw new FilterSyntaxError('a value is expected here', value.at);
    }
    return compileComparison(name, operator.operator, value);
  }

  #skipWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  #peek(): FilterToken {
    return this.#tokens[this.#next] as FilterToken;
  }

  /** The last one, `end`, stays. */
  #take(): FilterToken {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }
}

/** Cuts the text of a request filter into words, operators and quoted values. */

export type FilterOperator = '=' | '!=' | '=~' | '!~' | '>' | '>=' | '<' | '<=';

export type FilterToken =
  /** A name, a value without quotes, or `and`, `or`, `not`. */
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'quoted'; readonly text: string; readonly at: number }
  | { readonly kind: 'operator'; readonly operator: FilterOperator; readonly at: number }
  | { readonly kind: 'open' | 'close' | 'end'; readonly at: number };

/** Thrown within the filter's own files only: `compileRequestFilter` makes a value of it. */
export class FilterSyntaxError extends Error {
  /** Characters before it, from 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

const space = /\s*/y;
const word = /[^\s()'"=!~<>]+/y;
const operator = /==|=~|=|!=|!~|>=|>|<=|</y;
/** A backslash keeps a quote from ending it, and otherwise stands for itself, as regexes want. */
const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;

/** The last token is `end`. */
export function readFilterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  let at = skip(space, text, 0);
  while (at < text.length) {
    const [token, end] = readToken(text, at);
    tokens.push(token);
    at = skip(space, text, end);
  }
  tokens.push({ kind: 'end', at: text.length });
  return tokens;
}

function readToken(text: string, at: number): [FilterToken, number] {
  const first = text[at];
  if (first === '(') return [{ kind: 'open', at }, at + 1];
  if (first === ')') return [{ kind: 'close', at }, at + 1];
  if (first === '"' || first === "'") return readQuoted(text, at);
  const found = take(operator, text, at);
  if (found !== '') {
    const name = found === '==' ? '=' : (found as FilterOperator);
    return [{ kind: 'operator', operator: name, at }, at + found.length];
  }
  const plain = take(word, text, at);
  if (plain === '') throw new FilterSyntaxError(`"${first}" means nothing here`, at);
  return [{ kind: 'word', text: plain, at }, at + plain.length];
}

function readQuoted(text: string, at: number): [FilterToken, number] {
  const found = take(quoted, text, at);
  if (found === '') throw new FilterSyntaxError(`the quote ${text[at]} has no end`, at);
  const quote = found[0] as string;
  const value = found.slice(1, -1).replaceAll(`\\${quote}`, quote);
  return [{ kind: 'quoted', text: value, at }, at + found.length];
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function skip(pattern: RegExp, text: string, at: number): number {
  return at + take(pattern, text, at).length;
}

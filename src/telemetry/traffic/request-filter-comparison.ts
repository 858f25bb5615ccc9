/** One comparison of a request filter: `duration>250ms`. */

import type { RE2JS } from 're2js';
import { parseByteSize } from '../../base/byte-size.ts';
import { parseDuration } from '../../base/duration.ts';
import { compileQueryRegex } from '../../base/query-regex.ts';
import { nearestSpelling, nearestStem } from '../../base/spelling.ts';
import {
  type FilterField,
  filterAliases,
  filterFieldNames,
  findFilterField,
} from './request-filter-fields.ts';
import { type FilterOperator, FilterSyntaxError } from './request-filter-tokens.ts';
import type { RequestRecord } from './request-record.ts';

/** A word of the filter, and where it stands. */
export interface FilterWord {
  readonly text: string;
  readonly at: number;
}

type Test<Value> = (value: Value) => boolean;

export function compileComparison(
  name: FilterWord,
  operator: FilterOperator,
  value: FilterWord,
): (record: RequestRecord) => boolean {
  const field = findFilterField(name.text);
  if (field === null) {
    throw new FilterSyntaxError(noSuchField(name.text), name.at);
  }
  switch (field.kind) {
    case 'text': {
      const { read } = field;
      const test = textTest(name, operator, value);
      return (record) => test(read(record));
    }
    case 'list':
      return compileList(field.read, operator, textTest(name, positive(operator), value));
    default:
      return compileNumber(field, operator, value);
  }
}

function noSuchField(name: string): string {
  const names = [...filterFieldNames, ...Object.keys(filterAliases)];
  const near = nearestSpelling(name, names) ?? nearestStem(name, names);
  const hint = near === null ? `there are ${filterFieldNames.join(', ')}` : `did you mean ${near}?`;
  return `there is no field "${name}"; ${hint}`;
}

/** `!=` and `!~` hold where none of the values is meant. */
function compileList(
  read: (record: RequestRecord) => readonly string[],
  operator: FilterOperator,
  test: Test<string>,
): (record: RequestRecord) => boolean {
  const wanted = !isNegative(operator);
  return (record) => {
    const values = read(record);
    const found = values.length === 0 ? test('') : values.some(test);
    return found === wanted;
  };
}

function compileNumber(
  field: Extract<FilterField, { readonly kind: 'number' | 'bytes' | 'duration' }>,
  operator: FilterOperator,
  value: FilterWord,
): (record: RequestRecord) => boolean {
  const { read } = field;
  const whenNone = isNegative(operator);
  if (operator === '=~' || operator === '!~') {
    const test = regexTest(value);
    return (record) => {
      const number = read(record);
      return number === null ? whenNone : test(String(number)) !== whenNone;
    };
  }
  const test = numberTest(operator, parseNumber(field.kind, value));
  return (record) => {
    const number = read(record);
    return number === null ? whenNone : test(number);
  };
}

function numberTest(operator: FilterOperator, wanted: number): Test<number> {
  switch (operator) {
    case '!=':
      return (value) => value !== wanted;
    case '>':
      return (value) => value > wanted;
    case '>=':
      return (value) => value >= wanted;
    case '<':
      return (value) => value < wanted;
    case '<=':
      return (value) => value <= wanted;
    default:
      return (value) => value === wanted;
  }
}

function textTest(name: FilterWord, operator: FilterOperator, value: FilterWord): Test<string> {
  const wanted = value.text;
  switch (operator) {
    case '=':
      return (text) => text === wanted;
    case '!=':
      return (text) => text !== wanted;
    case '=~':
      return regexTest(value);
    case '!~': {
      const test = regexTest(value);
      return (text) => !test(text);
    }
    default: {
      const message = `"${name.text}" is text, which has no order: use = != =~ !~`;
      throw new FilterSyntaxError(message, name.at);
    }
  }
}

/** As everywhere in Istio, the expression must match the whole text. */
function regexTest({ text, at }: FilterWord): Test<string> {
  const regex = compileRegex(text, at);
  return (value) => regex.matcher(value).matches();
}

function compileRegex(pattern: string, at: number): RE2JS {
  const regex = compileQueryRegex(pattern);
  if (regex.ok) return regex.value;
  throw new FilterSyntaxError(`"${pattern}" is no regular expression: ${regex.error}`, at);
}

const examples = {
  number: '500',
  bytes: '4096 or 64Ki',
  duration: '250ms or 1.5s',
} as const;

/** A number alone is milliseconds where a duration is asked for. */
function parseNumber(kind: 'number' | 'bytes' | 'duration', { text, at }: FilterWord): number {
  const plain = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  const other = { number: () => null, bytes: parseByteSize, duration: parseDuration }[kind];
  const number = plain ?? other(text);
  if (number !== null) return number;
  throw new FilterSyntaxError(`"${text}" is no ${kind}: write ${examples[kind]}`, at);
}

function isNegative(operator: FilterOperator): boolean {
  return operator === '!=' || operator === '!~';
}

function positive(operator: FilterOperator): FilterOperator {
  if (operator === '!=') return '=';
  return operator === '!~' ? '=~' : operator;
}

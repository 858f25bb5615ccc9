/** Texts, numbers, flags and words: checks one against its schema, as `decode.ts` does objects. */

import { parseDuration } from '../../base/duration.ts';
import { findingCode } from '../finding-code.ts';
import { formatPath } from '../problem.ts';
import { quotesHint } from './quotes-hint.ts';
import { nearestName } from './suggest.ts';
import { view } from './walk.ts';
import { describeValue, type Field, reportWrongType } from './wrong-type.ts';

/** What refused values become. */
const nothing = undefined;

export function decodeText(field: Field, value: unknown): string | undefined {
  if (view(field.schema).format === 'duration') return decodeDuration(field, value);
  if (typeof value === 'string') return value;
  reportWrongType(field, value, { wanted: 'a text', hint: quotesHint(value) });
  return nothing;
}

function decodeDuration(field: Field, value: unknown): string | undefined {
  if (typeof value === 'string' && parseDuration(value) !== null) return value;
  const text = String(value);
  const hint = /^\d+(\.\d+)?$/.test(text)
    ? `write the unit: "${text}s" or "${text}ms"`
    : 'write it like 10s, 1.5h or 250ms';
  reportBadValue(field, `${describeValue(value)} is not a duration`, hint);
  return nothing;
}

/** Numbers may be written as texts, as in protobuf's JSON. */
export function decodeNumber(field: Field, value: unknown): number | undefined {
  const schema = view(field.schema);
  const where = formatPath(field.path);
  const wanted = schema.type === 'integer' ? 'a whole number' : 'a number';
  const numeric = typeof value === 'string' && /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value);
  const number = numeric ? Number(value) : value;
  if (typeof number !== 'number') {
    const isPercent = typeof value === 'string' && /^\d+(\.\d+)?%$/.test(value);
    const hint = isPercent ? `write ${value.slice(0, -1)}` : null;
    reportWrongType(field, value, { wanted, hint });
    return nothing;
  }
  if (!Number.isFinite(number) || (schema.type === 'integer' && !Number.isInteger(number))) {
    reportBadValue(field, `${where} must be ${wanted}, not ${number}`);
    return nothing;
  }
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (number < minimum || number > maximum) {
    const range = Number.isFinite(maximum) ? `${minimum} to ${maximum}` : `${minimum} or more`;
    reportBadValue(field, `${where} must be ${range}, not ${number}`);
    return nothing;
  }
  return number;
}

export function decodeFlag(field: Field, value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const isQuoted = value === 'true' || value === 'false';
  const isYaml11 = typeof value === 'string' && /^(yes|no|on|off)$/i.test(value);
  const hint = isQuoted ? 'remove the quotes' : isYaml11 ? 'write true or false' : null;
  reportWrongType(field, value, { wanted: 'true or false', hint });
  return nothing;
}

/** One of the words of an enumeration. */
export function decodeWord(
  field: Field,
  words: readonly string[],
  value: unknown,
): string | undefined {
  if (typeof value === 'string' && words.includes(value)) return value;
  const near = typeof value === 'string' ? nearestName(value.replace(/[- ]/g, '_'), words) : null;
  const hint = near === null ? `one of ${words.join(', ')}` : `did you mean "${near}"?`;
  reportBadValue(field, `${formatPath(field.path)} cannot be ${describeValue(value)}`, hint);
  return nothing;
}

function reportBadValue(
  { path, problems }: Field,
  message: string,
  hint: string | null = null,
): void {
  problems.add({ code: findingCode.badValue, path, at: 'value', message, hint });
}

/** CEL and TYPED_CEL: the value of an expression. */

import { err, ok, type Result } from '../../base/result.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import { type FormatPurpose, hidesCredentials } from './format-purpose.ts';
import { type FormatValue, JsonValue, type Operator } from './operator.ts';

/** Its text, whatever it is. */
export function compileCelOperator(
  argument = '',
  purpose: FormatPurpose,
): Result<Operator, string> {
  return compile(argument, purpose, (value) => wireFromUnicode(plainText(value)));
}

/** In JSON numbers, booleans, lists and maps stay what they are. */
export function compileTypedCelOperator(
  argument = '',
  purpose: FormatPurpose,
): Result<Operator, string> {
  return compile(argument, purpose, typedValue);
}

function compile(
  argument: string,
  purpose: FormatPurpose,
  show: (value: unknown) => FormatValue,
): Result<Operator, string> {
  const expression = compileExpression(argument, hidesCredentials(purpose) ? 'shown' : 'used');
  if (!expression.ok) return err(`has a bad expression: ${placedInside(expression.error)}`);
  return ok((info) => {
    const value = expression.value.evaluate(info);
    return value === undefined || value === null ? null : show(value);
  });
}

/** Where the operator is in its format is said behind it. */
function placedInside(error: string): string {
  return error.replace(/ at character (\d+)$/, ' (character $1 of the expression)');
}

function typedValue(value: unknown): FormatValue {
  if (isInteger(value)) return Number(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (isCollection(value)) return new JsonValue(wireFromUnicode(jsonOf(value)));
  if (value instanceof Date) return value.toISOString();
  // A span of time is a count of seconds.
  return wireFromUnicode(value instanceof Uint8Array ? base64(value) : String(value));
}

function plainText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Date) return value.toISOString().replace('Z', '+00:00');
  if (isCollection(value)) return jsonOf(value);
  return isSpan(value) ? spanText(value.seconds, value.nanos) : String(value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** CEL's int, or uint, which the library has as an object. */
function isInteger(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint';
  // A map may have a field of that name.
  return typeof value.valueOf === 'function' && typeof value.valueOf() === 'bigint';
}

function isCollection(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Map) return true;
  return typeof value === 'object' && value !== null && value.constructor === Object;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (isInteger(part)) return Number(part);
    if (isSpan(part)) return String(part);
    if (part instanceof Uint8Array) return base64(part);
    return part instanceof Map ? Object.fromEntries(part) : part;
  });
}

function isSpan(value: unknown): value is { readonly seconds: bigint; readonly nanos: number } {
  return typeof value === 'object' && value !== null && 'seconds' in value && 'nanos' in value;
}

/** As Abseil writes it: `1h30m`, `2.5s`, `460.628us`. */
function spanText(seconds: bigint, nanos: number): string {
  if (seconds === 0n) return subsecondText(nanos);
  const sign = seconds < 0n ? '-' : '';
  const whole = seconds < 0n ? -seconds : seconds;
  const rest = Number(whole % 60n) + Math.abs(nanos) / 1e9;
  const minutes = whole / 60n;
  const hours = minutes / 60n;
  const parts = [
    hours > 0n ? `${hours}h` : '',
    minutes % 60n > 0n ? `${minutes % 60n}m` : '',
    rest > 0 ? `${Number(rest.toFixed(9))}s` : '',
  ];
  return sign + parts.join('');
}

function subsecondText(nanos: number): string {
  const size = Math.abs(nanos);
  if (size === 0) return '0';
  if (size >= 1e6) return `${nanos / 1e6}ms`;
  return size >= 1e3 ? `${nanos / 1e3}us` : `${nanos}ns`;
}

/** CEL and TYPED_CEL: the value of an expression. */

import { err, ok, type Result } from '../base/result.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import { compileExpression } from './cel.ts';
import type { FormatValue, Operator } from './operator.ts';

/** Its text, whatever it is. */
export function compileCelOperator(argument = ''): Result<Operator, string> {
  const operator = compileTypedCelOperator(argument);
  if (!operator.ok) return operator;
  return ok((info) => {
    const value = operator.value(info);
    return value === null ? null : String(value);
  });
}

/** In JSON numbers, booleans and null stay what they are. */
export function compileTypedCelOperator(argument = ''): Result<Operator, string> {
  const expression = compileExpression(argument);
  if (!expression.ok) return err(`has a bad expression: ${expression.error}`);
  return ok((info) => formatValueOf(expression.value.evaluate(info)));
}

/** undefined, of what could not be evaluated, is not known. */
function formatValueOf(value: unknown): FormatValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return wireFromUnicode(textOf(value));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$|Z$/, '+00:00');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value) || value instanceof Map || isPlainObject(value)) return jsonOf(value);
  return String(value);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && value.constructor === Object;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return Number(part);
    return part instanceof Map ? Object.fromEntries(part) : part;
  });
}

/** Tells that a value is of another type than its field, and what it is; never what is secret. */

import type { TSchema } from 'typebox';
import { isObject } from '../../base/is-object.ts';
import { findingCode } from '../finding-code.ts';
import { formatPath, type Path, type Problems } from '../problem.ts';
import { view } from './walk.ts';

/** A field of the schema, at its place in the document. */
export interface Field {
  readonly schema: TSchema;
  readonly path: Path;
  readonly problems: Problems;
}

/** `wanted` as in "must be a list". */
export function reportWrongType(
  { schema, path, problems }: Field,
  value: unknown,
  { wanted, hint = null }: { readonly wanted: string; readonly hint?: string | null },
): void {
  const { confidential = false } = view(schema);
  const shown = confidential ? describeConfidential(value) : describeType(value);
  problems.add({
    code: findingCode.wrongType,
    path,
    at: 'key',
    message: `${formatPath(path)} must be ${wanted}, not ${shown}`,
    hint: confidential ? null : hint,
  });
}

/** A value as the text of a message; objects and lists by their type. */
export function describeValue(value: unknown): string {
  return isObject(value) || Array.isArray(value) ? describeType(value) : `"${value}"`;
}

function describeType(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string')
    return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  return `${typeof value === 'boolean' ? '' : 'the number '}${value}`;
}

/** The same without the value. */
function describeConfidential(value: unknown): string {
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'true or false' : describeType(value);
}

/** Compares the fields of a block, such as `retries`, that a test has written. */

import { parseDuration } from '../base/duration.ts';
import { isObject } from '../base/is-object.ts';
import { type Difference, differs } from './difference.ts';

/** Fields of an object that the user has written. */
export function compareBlock(
  field: string,
  expected: unknown,
  actual: unknown,
): readonly Difference[] {
  if (Array.isArray(expected)) return compareNames(field, expected, actual);
  if (!isObject(expected)) return compareValue(field, expected, actual);
  const found = isObject(actual) ? actual : {};
  const entries = Object.entries(expected).filter(([, value]) => value !== undefined);
  if (entries.length === 0) {
    return actual === undefined ? [] : [{ field, expected: null, actual: show(actual) }];
  }
  return entries.flatMap(([name, value]) => {
    // What the scheme makes of it shows in the location alone.
    if (name === 'derivePort') return [];
    const isHeader = /\.(?:set|add)$/.test(field);
    return compareBlock(`${field}.${name}`, value, found[isHeader ? name.toLowerCase() : name]);
  });
}

/** Each of them must be there; it is about names of headers alone, without their case. */
function compareNames(
  field: string,
  expected: readonly unknown[],
  actual: unknown,
): readonly Difference[] {
  const found = Array.isArray(actual) ? actual : [];
  return expected
    .filter((name) => !found.includes(String(name).toLowerCase()))
    .map((name) => ({ field, expected: String(name), actual: found.join(', ') || null }));
}

const durationField = /(?:^|\.)(?:timeout|perTryTimeout|backoff|fixedDelay)$/;

function compareValue(field: string, expected: unknown, actual: unknown): readonly Difference[] {
  if (durationField.test(field)) {
    const wanted = parseDuration(String(expected));
    const found = actual === undefined ? null : parseDuration(String(actual));
    return wanted === found ? [] : [{ field, expected: show(expected), actual: show(actual) }];
  }
  if (field.endsWith('.retryOn')) {
    const isSame = conditionsOf(expected) === conditionsOf(actual);
    return isSame ? [] : [{ field, expected: show(expected), actual: show(actual) }];
  }
  if (field === 'delegate.namespace' && actual === undefined) return [];
  return differs(field, show(expected), show(actual));
}

/** In one order; a status code brings its condition along. */
function conditionsOf(retryOn: unknown): string {
  const words = new Set(String(retryOn ?? '').split(','));
  if ([...words].some((word) => /^\d+$/.test(word))) words.add('retriable-status-codes');
  return [...words].sort().join(',');
}

function show(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

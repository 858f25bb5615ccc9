/** The argument of COALESCE, which is JSON. */

import { isObject } from '../../base/is-object.ts';

export interface CoalescePart {
  readonly command: string;
  readonly param: string | undefined;
  /** Characters. */
  readonly maxLength: number | undefined;
}

/** null: it is not what Envoy takes. */
export function parseCoalesce(json: string): CoalescePart[] | null {
  const operators = operatorsOf(json);
  if (operators === null || operators.length === 0) return null;
  const parts = operators.map(partOf);
  return parts.every((part) => part !== null) ? parts : null;
}

function operatorsOf(json: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) && Array.isArray(value['operators']) ? value['operators'] : null;
  } catch {
    // What is no JSON is refused like what has no operators.
    return null;
  }
}

function partOf(value: unknown): CoalescePart | null {
  if (typeof value === 'string') return { command: value, param: undefined, maxLength: undefined };
  if (!isObject(value)) return null;
  const { command, param, max_length: maxLength } = value;
  if (typeof command !== 'string') return null;
  if (param !== undefined && typeof param !== 'string') return null;
  if (maxLength !== undefined && !(Number.isInteger(maxLength) && Number(maxLength) > 0))
    return null;
  return { command, param, maxLength: maxLength === undefined ? undefined : Number(maxLength) };
}

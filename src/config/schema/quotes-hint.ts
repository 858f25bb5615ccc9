/** What to do where a text was meant and YAML reads something else: `1`, `true`, `[fe80::]`. */

import { isObject } from '../../base/is-object.ts';

/** null: nothing is known that helps. */
export function quotesHint(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean')
    return `put it in quotes: "${value}"`;
  if (!isObject(value)) return null;
  const [[key, item] = [], ...more] = Object.entries(value);
  if (key === undefined || item !== null || more.length > 0) return null;
  // `{{ .Values.name }}`: to YAML an object that is the key of another one.
  if (/^\{.*\}$/.test(key)) return 'fill in the template first: helm template';
  return `put it in quotes: "${key}:"`;
}

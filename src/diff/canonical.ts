/** Parts of the model as text, in which only what makes a difference shows. */

import { compareText } from '../base/compare-text.ts';
import { isObject } from '../base/is-object.ts';
/** Fields that say where something was written, which makes no difference. */
export const provenance: ReadonlySet<string> = new Set(['origin', 'origins', 'settingOrigins']);

/** The order of fields makes no difference either. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) =>
    provenance.has(key) ? undefined : sorted(part),
  );
}

/** `canonicalText` for people: without quotes around plain words. */
export function readableText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value !== 'object') return String(value);
  return canonicalText(value)
    .replaceAll(/"([\w.-]+)"/g, '$1')
    .replaceAll(/([,:])(?=\S)/g, '$1 ');
}

/** Of two objects what differs, so that a long setting does not hide a small change of it. */
export function differingParts(before: unknown, after: unknown): [unknown, unknown] {
  if (!isObject(before) || !isObject(after)) return [before, after];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differing = names
    .filter((name) => !provenance.has(name))
    .filter((name) => canonicalText(before[name]) !== canonicalText(after[name]))
    .map((name) => [name, differingParts(before[name], after[name])] as const);
  return [
    Object.fromEntries(differing.map(([name, [old]]) => [name, old])),
    Object.fromEntries(differing.map(([name, [, now]]) => [name, now])),
  ];
}

function sorted(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}

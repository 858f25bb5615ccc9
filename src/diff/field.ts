/** One aspect of what is compared: when it is equal, and how its differences are told. */

import { canonicalText, differingParts, readableText } from './canonical.ts';
import type { FieldDifference } from './different-treatment.ts';

export interface Field {
  /** Equal where the behaviour is. */
  readonly key: string;
  readonly text: string;
  /** An object of which only what differs is told; nothing where `text` says it. */
  readonly parts?: unknown;
  /** As `sluice explain` says it, told in place of `parts` where that shows the difference. */
  readonly words?: string;
}

export function plain(value: unknown): Field {
  return { key: canonicalText(value ?? null), text: readableText(value), parts: value };
}

export function durationText(ms: number): string {
  if (ms === 0) return 'none';
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

export function fieldDifferences(
  before: ReadonlyMap<string, Field>,
  after: ReadonlyMap<string, Field>,
  suffix: string,
): FieldDifference[] {
  const found: FieldDifference[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)];
    if (old?.key === now?.key) continue;
    // One side has no such field, and the other nothing to say of it.
    if ((old?.text ?? 'none') === 'none' && (now?.text ?? 'none') === 'none') continue;
    found.push({ field: name + suffix, ...textsOf(old, now) });
  }
  return found;
}

function wordsOf(field: Field | undefined): string | null {
  return field === undefined || field.text === 'none' ? 'none' : (field.words ?? null);
}

function textsOf(old: Field | undefined, now: Field | undefined) {
  const [was, is] = [wordsOf(old), wordsOf(now)];
  const isSaid = old?.words !== undefined || now?.words !== undefined;
  if (isSaid && was !== null && is !== null && was !== is) return { old: was, new: is };
  if (old?.parts == null || now?.parts == null) {
    return { old: old?.text ?? 'none', new: now?.text ?? 'none' };
  }
  const [before, after] = differingParts(old.parts, now.parts);
  return { old: readableText(before), new: readableText(after) };
}

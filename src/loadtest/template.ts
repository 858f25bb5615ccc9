/**
 * Texts with places that differ from request to request: `{{key}}`, `{{sequence}}`,
 * `{{random.int 1 1000}}`, `{{random.choice a b c}}`, `{{random.uuid}}`.
 */

import type { Random } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';

/** What one request puts in. */
export interface TemplateValues {
  readonly random: Random;
  /** Empty where the request has no keys. */
  readonly key: string;
  /** Counted from 0. */
  readonly sequence: number;
}

export type Template = (values: TemplateValues) => string;

/** `hasKeys`: whether there is something for `{{key}}`. */
export function compileTemplate(text: string, hasKeys: boolean): Result<Template, string> {
  const parts: Template[] = [];
  for (const [index, piece] of text.split(/\{\{\s*(.*?)\s*\}\}/).entries()) {
    // What the group has caught stands at odd places.
    if (index % 2 === 0) {
      if (piece !== '') parts.push(() => piece);
      continue;
    }
    const part = compilePlace(piece, hasKeys);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  const [first, ...more] = parts;
  if (first === undefined) return ok(() => '');
  if (more.length === 0) return ok(first);
  return ok((values) => parts.map((part) => part(values)).join(''));
}

function compilePlace(text: string, hasKeys: boolean): Result<Template, string> {
  const [name = '', ...words] = text.split(/\s+/);
  switch (name) {
    case 'key':
      return hasKeys ? ok(({ key }) => key) : err('{{key}} needs "keys" of the request');
    case 'sequence':
      return ok(({ sequence }) => String(sequence));
    case 'random.int':
      return randomInteger(words);
    case 'random.choice':
      if (words.length === 0) return err('{{random.choice}} needs words');
      return ok(({ random }) => words[Math.floor(random.fraction() * words.length)] ?? '');
    case 'random.uuid':
      return ok(({ random }) => uuid(random));
    default:
      return err(
        `{{${text}}} is not known: key, sequence, random.int, random.choice, random.uuid are`,
      );
  }
}

function randomInteger(words: readonly string[]): Result<Template, string> {
  const [from = Number.NaN, to = Number.NaN] = words.map(Number);
  if (words.length !== 2 || !Number.isInteger(from) || !Number.isInteger(to) || from > to) {
    return err('{{random.int}} needs two whole numbers, the smaller first');
  }
  return ok(({ random }) => String(from + Math.floor(random.fraction() * (to - from + 1))));
}

/** Version 4 of RFC 9562, repeatable with the seed. */
function uuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, '0'));
  const digits = hex.join('');
  const variant = '89ab'[random.uint32() % 4];
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}

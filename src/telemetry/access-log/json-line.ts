/** Lines of JSON: a format that is an object, compiled into literals with values between them. */

import { err, ok, type Result } from '../../base/result.ts';
import { unicodeFromWire, wireFromUnicode } from '../../base/wire-text.ts';
import { type CompiledFormat, compileFormat } from '../format/format.ts';
import type { FormatError } from '../format/format-syntax.ts';
import type { StreamInfo } from '../stream-info.ts';

/** A value, and the text before it in four spellings, so that quotes cost nothing. */
interface Piece {
  readonly before: string;
  /** The value before it is a string in quotes. */
  readonly closing: string;
  /** The value itself is one. */
  readonly opening: string;
  readonly closingAndOpening: string;
  readonly format: CompiledFormat;
}

export class JsonLine {
  readonly #pieces: readonly Piece[];
  readonly #end: string;

  private constructor(pieces: readonly Piece[], end: string) {
    this.#pieces = pieces;
    this.#end = end;
  }

  /** `value` is what JSON can hold; its strings are formats. */
  static compile(value: unknown): Result<JsonLine, FormatError> {
    const template: Template = { pieces: [], literal: '' };
    const problem = addValue(template, value);
    return problem === null ? ok(new JsonLine(template.pieces, template.literal)) : err(problem);
  }

  /** Wire text. */
  format(info: StreamInfo): string {
    let json = '';
    let isQuoted = false;
    for (const piece of this.#pieces) {
      const { format } = piece;
      const value = format.value(info);
      if (typeof value === 'string' && (format.isPlain || !needsEscape.test(value))) {
        json += isQuoted ? piece.closingAndOpening : piece.opening;
        json += value;
        isQuoted = true;
      } else {
        json += isQuoted ? piece.closing : piece.before;
        json += typeof value === 'string' ? jsonText(unicodeFromWire(value)) : value;
        isQuoted = false;
      }
    }
    return `${json}${isQuoted ? '"' : ''}${this.#end}\n`;
  }
}

/** Anything but printable ASCII without quote and backslash, which is what nearly all values are. */
const needsEscape = /[^ !#-[\]-~]/;

interface Template {
  readonly pieces: Piece[];
  /** The text behind the last value. */
  literal: string;
}

/** Returns what is wrong with the first bad format in it; null for nothing. */
function addValue(template: Template, value: unknown): FormatError | null {
  if (typeof value === 'string') return addFormat(template, value);
  if (typeof value !== 'object' || value === null) {
    template.literal += jsonText(value);
    return null;
  }
  const isArray = Array.isArray(value);
  let separator = isArray ? '[' : '{';
  // Envoy writes the members of an object in the order of their names.
  const members: [string, unknown][] = Object.entries(value);
  if (!isArray) members.sort(([a], [b]) => (a < b ? -1 : 1));
  if (members.length === 0) template.literal += separator;
  for (const [name, item] of members) {
    template.literal += isArray ? separator : `${separator}${jsonText(name)}:`;
    separator = ',';
    const problem = addValue(template, item);
    if (problem !== null) return problem;
  }
  template.literal += isArray ? ']' : '}';
  return null;
}

function addFormat(template: Template, text: string): FormatError | null {
  const compiled = compileFormat(text, 'access-log');
  if (!compiled.ok) return compiled.error;
  const format = compiled.value;
  if (format.constant !== null) {
    template.literal += jsonText(unicodeFromWire(format.constant));
    return null;
  }
  const before = template.literal;
  template.pieces.push({
    before,
    closing: `"${before}`,
    opening: `${before}"`,
    closingAndOpening: `"${before}"`,
    format,
  });
  template.literal = '';
  return null;
}

function jsonText(value: unknown): string {
  return wireFromUnicode(JSON.stringify(value));
}

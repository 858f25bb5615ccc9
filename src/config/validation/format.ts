/** Formats with Envoy's operators: lines of access logs, their members, tags of spans. */

import { isObject } from '../../base/is-object.ts';
import type { Path, Problems } from '../problem.ts';

export function checkFormat(text: string | undefined, path: Path, problems: Problems): void {
  if (text === undefined) return;
  const mistake = problems.formatMistake(text);
  if (mistake === null) return;
  problems.invalid(path, `the format cannot be used: ${mistake}`, 'see docs/access-log.md');
}

/** The texts in what JSON can hold are formats. */
export function checkFormats(value: unknown, path: Path, problems: Problems): void {
  if (typeof value === 'string') checkFormat(value, path, problems);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkFormats(item, [...path, index], problems);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) checkFormats(item, [...path, name], problems);
  }
}

/** An object of formats, in one text. */
export function checkJsonFormat(text: string, path: Path, problems: Problems): void {
  const value = parsed(text);
  if (!isObject(value)) {
    const hint = 'for example {"path":"%REQ(:PATH)%"}, or accessLogEncoding: TEXT';
    problems.invalid(path, 'the format cannot be used: it is no JSON object', hint);
    return;
  }
  for (const format of textsIn(value)) checkFormat(format, path, problems);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is told like what is no object.
    return undefined;
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

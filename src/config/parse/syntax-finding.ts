/**
 * Findings for text that is not YAML. The parser says where it gave up; people look for the line
 * that is wrong. Tabs and indentation are looked for first, since they cause most other errors.
 */

import type { Finding } from '../finding.ts';
import { type FindingCode, findingCode } from '../finding-code.ts';
import { findIndentationMistakes } from './indentation.ts';
import { maxSyntaxFindings } from './limits.ts';
import type { Chunk } from './source-file.ts';

export interface ParserError {
  /** The code of the `yaml` library. */
  readonly code: string;
  readonly message: string;
  /** 1-based, within the chunk. */
  readonly line: number;
  readonly col: number;
}

interface Mistake {
  readonly code: FindingCode;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
}

export function syntaxFindings(
  file: string,
  chunk: Chunk,
  errors: readonly ParserError[],
): Finding[] {
  const lines = chunk.text.split(/\r?\n/);
  return diagnose(lines, errors)
    .slice(0, maxSyntaxFindings)
    .map((mistake) => ({
      code: mistake.code,
      severity: 'error',
      message: mistake.message,
      hint: mistake.hint,
      file,
      line: mistake.line + chunk.lineOffset,
      column: mistake.column,
      path: '',
      resource: '',
    }));
}

function diagnose(lines: readonly string[], errors: readonly ParserError[]): Mistake[] {
  const duplicates = errors.filter((error) => error.code === 'DUPLICATE_KEY');
  if (duplicates.length === errors.length)
    return duplicates.map((error) => duplicate(lines, error));
  const exhausted = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  if (exhausted !== undefined) {
    const message = 'too many levels of nesting';
    return [{ ...place(exhausted), code: findingCode.tooLarge, message, hint: null }];
  }
  if (errors.some((error) => error.code === 'TAB_AS_INDENT')) return [tabs(lines, errors)];
  const mistakes = findIndentationMistakes(lines);
  if (mistakes.length > 0) {
    return mistakes.map((mistake) => ({ ...mistake, code: findingCode.indentation }));
  }
  const first = errors.find((error) => error.code !== 'DUPLICATE_KEY') ?? errors[0];
  return first === undefined ? [] : [explain(lines, first)];
}

function place(error: ParserError): { line: number; column: number } {
  return { line: Math.max(error.line, 1), column: Math.max(error.col, 1) };
}

function tabs(lines: readonly string[], errors: readonly ParserError[]): Mistake {
  const indented = lines.flatMap((line, index) => (/^ *\t\s*\S/.test(line) ? [index + 1] : []));
  const line = indented[0] ?? errors[0]?.line ?? 1;
  const count = indented.length > 1 ? ` (${indented.length} such lines)` : '';
  return {
    code: findingCode.tab,
    line,
    column: (lines[line - 1] ?? '').indexOf('\t') + 1,
    message: `a tab is used for indentation${count}, YAML allows only spaces`,
    hint: 'replace every tab at the beginning of a line with two spaces',
  };
}

function duplicate(lines: readonly string[], error: ParserError): Mistake {
  const key = keyAt(lines, error);
  return {
    ...place(error),
    code: findingCode.duplicateKey,
    message: `the key "${key}" is there twice in the same object`,
    hint: 'keep one of the two, or begin a new list item with "- "',
  };
}

function keyAt(lines: readonly string[], error: ParserError): string {
  const rest = (lines[error.line - 1] ?? '').slice(error.col - 1);
  return /^["']?([^"':]*)/.exec(rest)?.[1]?.trim() ?? '';
}

/** The parser's own words, with a hint where a mistake is a common one. */
function explain(lines: readonly string[], error: ParserError): Mistake {
  const { line, column } = place(error);
  const text = (lines[line - 1] ?? '').trim();
  return {
    code: findingCode.syntax,
    line,
    column,
    message: `this is no valid YAML: ${lowerFirst(error.message)}`,
    hint: hintFor(error, text),
  };
}

function hintFor(error: ParserError, text: string): string | null {
  switch (error.code) {
    case 'BAD_ALIAS':
      return 'put a value that begins with "*" in quotes: "*"';
    case 'BAD_SCALAR_START':
      return 'put the value in quotes';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return /: .*: /.test(`${text} `)
        ? 'put a value that contains ": " in quotes'
        : 'check the indentation of this line and the one before';
    case 'MISSING_CHAR':
      return /quote/.test(error.message)
        ? 'close the quotes where the value ends'
        : 'write "key: value", with a blank after the colon';
    case 'BAD_INDENT':
      return 'check the indentation, and that every "[" and "{" is closed';
    default:
      return null;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

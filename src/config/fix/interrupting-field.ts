/**
 * A field that stands between another one and what is indented as a part of that:
 * `weighting: 10` between `destination:` and its `host`. It goes below what belongs together.
 */

import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import type { Candidate } from './candidate.ts';
import { offsetOf } from './edit.ts';

export function fixInterruptingField(finding: Finding, text: string): Candidate | null {
  if (finding.code !== findingCode.indentation) return null;
  const asked = /put "([\w-]+)" below the fields of "([\w-]+)"$/.exec(finding.hint ?? '');
  const [, name = '', owner = ''] = asked ?? [];
  if (name === '') return null;
  const lines = text.split('\n');
  const line = lines[finding.line - 1] ?? '';
  const parts = /^( *)(["']?)([\w-]+)\2(:.*)$/.exec(line.replace(/\r$/, ''));
  if (parts === null) return null;
  const [, indent = '', quote = '', written = '', rest = ''] = parts;
  const last = lastLineBelow(lines, finding.line, indent.length);
  if (last === null) return null;
  const lineEnd = line.endsWith('\r') ? '\r\n' : '\n';
  const start = offsetOf(text, finding.line, 1);
  const below = offsetOf(text, last + 1, 1);
  const moved = `${indent}${quote}${name}${quote}${rest}`;
  const isAtEnd = last >= lines.length;
  return {
    edits: [
      { start, end: start + line.length + 1, text: '' },
      { start: below, end: below, text: isAtEnd ? `${lineEnd}${moved}` : `${moved}${lineEnd}` },
    ],
    what: `${written === name ? `"${name}"` : `"${written}" becomes "${name}" and`} goes below the fields of "${owner}"`,
  };
}

/** The last line, from 1, of those after `from` that are indented deeper; null where none is. */
function lastLineBelow(lines: readonly string[], from: number, indent: number): number | null {
  let last: number | null = null;
  for (const [offset, line] of lines.slice(from).entries()) {
    if (line.trim() === '') continue;
    const depth = line.length - line.trimStart().length;
    if (depth <= indent) break;
    last = from + offset + 1;
  }
  return last;
}

/**
 * A field beside the one that it is a part of: `serviceName: a` in the column of `backend:` above.
 * It moves to the right, with all that belongs to it.
 */

import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import type { Candidate } from './candidate.ts';
import { type Edit, offsetOf } from './edit.ts';
import { firstLineBelow, isBlank, keyColumn, lastLineOf } from './line-block.ts';

const hints = [
  /^indent "[\w-]+" so that it is a part of "([\w-]+)"$/,
  /^it belongs inside "([\w-]+)"$/,
];

export function fixUnindentedField(finding: Finding, text: string): Candidate | null {
  if (finding.code !== findingCode.unknownField) return null;
  const owner = hints.map((hint) => hint.exec(finding.hint ?? '')?.[1]).find(Boolean);
  const name = /^unknown field "([\w-]+)"/.exec(finding.message)?.[1];
  if (owner === undefined || name === undefined) return null;
  const lines = text.split('\n');
  const first = finding.line - 1;
  const column = keyColumn(lines[first] ?? '');
  // A key behind a dash begins an item, and has nothing above it.
  if (!(lines[first] ?? '').startsWith(`${' '.repeat(column)}${name}:`)) return null;
  const ownerLine = lineAbove(lines, first);
  if (ownerLine === null || !isEmptyKey(lines[ownerLine] ?? '', column, owner)) return null;
  const below = firstLineBelow(lines, ownerLine);
  const wanted = below === null ? column + 2 : keyColumn(lines[below] ?? '');
  return {
    edits: shifted(lines, first, { by: ' '.repeat(wanted - column), text }),
    what: `"${name}" becomes a part of "${owner}"`,
  };
}

/** The last key in the same column, where nothing less indented is between. */
function lineAbove(lines: readonly string[], from: number): number | null {
  const column = keyColumn(lines[from] ?? '');
  for (let index = from - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? '';
    if (isBlank(line)) continue;
    const own = keyColumn(line);
    if (own === column) return index;
    if (own < column) return null;
  }
  return null;
}

/** Whether the line is the key `owner` without a value on the line itself. */
function isEmptyKey(line: string, column: number, owner: string): boolean {
  return new RegExp(`^${owner}:\\s*(?:#.*)?$`).test(line.slice(column).trimEnd());
}

function shifted(
  lines: readonly string[],
  first: number,
  { by, text }: { readonly by: string; readonly text: string },
): Edit[] {
  const last = lastLineOf(lines, first);
  const edits: Edit[] = [];
  for (let index = first; index <= last; index += 1) {
    if ((lines[index] ?? '').trim() === '') continue;
    const start = offsetOf(text, index + 1, 1);
    edits.push({ start, end: start, text: by });
  }
  return edits;
}

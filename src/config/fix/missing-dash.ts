/** An object where a list of such objects is meant: it becomes the one item of the list. */

import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import type { Candidate } from './candidate.ts';
import { type Edit, offsetOf } from './edit.ts';
import { firstLineBelow, lastLineOf } from './line-block.ts';

export function fixMissingDash(finding: Finding, text: string): Candidate | null {
  if (finding.code !== findingCode.wrongType) return null;
  const isObject = /must be a list, not an object$/.test(finding.message);
  if (!isObject || finding.hint !== 'begin each item with "- "') return null;
  const lines = text.split('\n');
  const key = finding.line - 1;
  const first = firstLineBelow(lines, key);
  if (first === null) return null;
  const indent = /^ */.exec(lines[first] ?? '')?.[0].length ?? 0;
  const last = lastLineOf(lines, key);
  const edits: Edit[] = [];
  for (let index = first; index <= last; index += 1) {
    if ((lines[index] ?? '').trim() === '') continue;
    const start = offsetOf(text, index + 1, index === first ? indent + 1 : 1);
    edits.push({ start, end: start, text: index === first ? '- ' : '  ' });
  }
  const name = finding.path.split('.').at(-1);
  return { edits, what: `"${name}" becomes a list of one item` };
}

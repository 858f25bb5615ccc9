/** Tabs for indentation, replaced by as many blanks as make YAML of the document. */

import { parseDocument } from 'yaml';
import { isDeepStrictEqual } from '../../base/node-util.ts';
import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import { maxAliasCount } from '../parse/limits.ts';
import { splitDocuments } from '../parse/source-file.ts';
import type { Candidate } from './candidate.ts';
import { type Edit, offsetOf } from './edit.ts';

/** Blanks for a tab; the first that fits is taken, if others that fit mean the same. */
const widths = [2, 4, 8, 3] as const;

export function fixTabs(finding: Finding, text: string): Candidate | null {
  if (finding.code !== findingCode.tab) return null;
  const chunk = splitDocuments(text).findLast(({ lineOffset }) => lineOffset < finding.line);
  // In a block text a tab may be what is meant.
  if (chunk === undefined || /[|>][-+0-9]*\s*$/m.test(chunk.text)) return null;
  const fitting = widths.flatMap((width) => {
    const value = readYaml(chunk.text.replace(indentation, (run) => expand(run, width)));
    return value === null ? [] : [{ width, value: value.of }];
  });
  const [first] = fitting;
  if (first === undefined) return null;
  if (!fitting.every(({ value }) => isDeepStrictEqual(value, first.value))) return null;
  const base = offsetOf(text, chunk.lineOffset + 1, 1);
  const end = base + chunk.text.length;
  const edits: Edit[] = [...text.slice(base, end).matchAll(indentation)].map((match) => ({
    start: base + match.index,
    end: base + match.index + match[0].length,
    text: expand(match[0], first.width),
  }));
  return { edits, what: `each tab for indentation becomes ${first.width} blanks` };
}

/** Blanks and tabs at the beginning of a line, with a tab among them. */
const indentation = /^ *\t[ \t]*/gm;

function expand(run: string, width: number): string {
  return run.replaceAll('\t', ' '.repeat(width));
}

function readYaml(text: string): { readonly of: unknown } | null {
  const document = parseDocument(text, { merge: true, logLevel: 'silent' });
  if (document.errors.length > 0) return null;
  try {
    return { of: document.toJS({ maxAliasCount }) };
  } catch {
    // Anchors that are not there, or too many aliases: no document that could be used.
    return null;
  }
}

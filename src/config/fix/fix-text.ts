/**
 * Mends what has one right answer, and leaves every other letter of a file as it is: comments,
 * quotes, blanks. A change stays only if the file has less wrong with it than before.
 */

import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import { ResourceLoader } from '../parse/load.ts';
import { fixBareWildcard } from './bare-wildcard.ts';
import type { Candidate, Fixer } from './candidate.ts';
import { applyEdits } from './edit.ts';
import { fixInterruptingField } from './interrupting-field.ts';
import { fixMissingDash } from './missing-dash.ts';
import { fixMisspeltField } from './misspelt-field.ts';
import { fixOldField } from './old-field.ts';
import { fixTabs } from './tabs.ts';
import { fixUnindentedField } from './unindented-field.ts';

export interface Fix {
  /** Of the finding, in the text as it was when this was its turn. */
  readonly line: number;
  readonly code: string;
  readonly what: string;
}

export interface FixedText {
  readonly text: string;
  readonly fixes: readonly Fix[];
}

const fixers: readonly Fixer[] = [
  fixTabs,
  fixBareWildcard,
  fixInterruptingField,
  fixMisspeltField,
  fixUnindentedField,
  fixMissingDash,
  fixOldField,
];

/** Of one file; more is a file to write anew. */
const fixesMax = 500;

export function fixText(path: string, original: string): FixedText {
  // It remembers documents, so that a change costs the one it is in.
  const loader = new ResourceLoader();
  const check = (text: string) => loader.load([{ path, text }]).findings;
  let text = original;
  let findings = check(text);
  const fixes: Fix[] = [];
  for (let index = 0; index < findings.length && fixes.length < fixesMax; ) {
    const finding = findings[index] as Finding;
    const candidate = candidateFor(finding, text);
    const changed = candidate === null ? text : applyEdits(text, candidate.edits);
    const after = changed === text ? findings : check(changed);
    if (candidate === null || !isBetter(findings, after, finding)) {
      index += 1;
      continue;
    }
    fixes.push({ line: finding.line, code: finding.code, what: candidate.what });
    text = changed;
    findings = after;
    // What was hidden behind it may come before it.
    index = 0;
  }
  return { text, fixes };
}

function candidateFor(finding: Finding, text: string): Candidate | null {
  for (const fixer of fixers) {
    const candidate = fixer(finding, text);
    if (candidate !== null) return candidate;
  }
  return null;
}

/** A document that could not be read hides what else is wrong with it. */
const unreadable: ReadonlySet<string> = new Set([
  findingCode.syntax,
  findingCode.tab,
  findingCode.indentation,
  findingCode.duplicateKey,
]);

function isBetter(before: readonly Finding[], after: readonly Finding[], mended: Finding): boolean {
  if (unreadable.has(mended.code)) return isMoreReadable(before, after, mended);
  if (after.length >= before.length) return false;
  const old = counts(before);
  return [...counts(after)].every(([code, count]) => count <= (old.get(code) ?? 0));
}

/** Of mistakes of one kind the parser may tell the next only when the first is gone. */
function isMoreReadable(
  before: readonly Finding[],
  after: readonly Finding[],
  mended: Finding,
): boolean {
  const old = before.filter(({ code }) => unreadable.has(code));
  const left = after.filter(({ code }) => unreadable.has(code));
  if (left.length !== old.length) return left.length < old.length;
  const next = left[old.indexOf(mended)];
  return next !== undefined && next.code === mended.code && next.line > mended.line;
}

function counts(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const { code } of findings) result.set(code, (result.get(code) ?? 0) + 1);
  return result;
}

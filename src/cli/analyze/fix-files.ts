/** `sluice analyze --fix`: mends files where there is one right answer, or shows what it would do. */

import { writeFile } from 'node:fs/promises';
import { diff } from '../../base/node-util.ts';
import type { FixedText } from '../../config/fix/fix-text.ts';
import type { SourceFile } from '../../config/parse/source-file.ts';
import { printable } from '../output/printable.ts';
import { say } from '../output/say.ts';

export interface FixOutcome {
  /** As they are now. */
  readonly files: readonly SourceFile[];
  /** Some file could not be written, which was told. */
  readonly failed: boolean;
}

/** Writes the files, and tells each change on standard error. */
export async function fixFiles(files: readonly SourceFile[]): Promise<FixOutcome> {
  const { fixText } = await import('../../config/fix/fix-text.ts');
  let failed = false;
  const fixed: SourceFile[] = [];
  for (const file of files) {
    const { text, fixes } = fixText(file.path, file.text);
    const isWritten = fixes.length === 0 || (await write(file.path, text));
    failed ||= !isWritten;
    fixed.push(isWritten ? { ...file, text } : file);
    if (!isWritten) continue;
    for (const { line, code, what } of fixes) say(`${file.path}:${line}: ${code} ${what}`);
  }
  return { files: fixed, failed };
}

/** What `fixFiles` would change, as a patch; empty where nothing. */
export async function previewFixes(files: readonly SourceFile[]): Promise<string> {
  const { fixText } = await import('../../config/fix/fix-text.ts');
  return files.map((file) => patchOf(file, fixText(file.path, file.text))).join('');
}

async function write(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text);
    return true;
  } catch (error) {
    say(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`);
    return false;
  }
}

const contextLines = 3;

function patchOf({ path, text }: SourceFile, { text: fixed, fixes }: FixedText): string {
  if (fixes.length === 0) return '';
  const header = `--- ${path}\n+++ ${path}\n`;
  // What stands in a Secret is shown to nobody.
  if (/\bkind["']?\s*:\s*["']?Secret/.test(text)) {
    const told = fixes.map(({ line, code, what }) => `# ${path}:${line}: ${code} ${what}\n`);
    return header + told.join('');
  }
  return printable(header + hunksOf(text, fixed).join(''));
}

interface PatchLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** Lines of the old and the new text before this one. */
  readonly before: number;
  readonly after: number;
}

function hunksOf(text: string, fixed: string): string[] {
  const lines = patchLines(text, fixed);
  const changed = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]));
  const hunks: string[] = [];
  for (let index = 0; index < changed.length; ) {
    const first = changed[index] ?? 0;
    let last = first;
    while ((changed[index] ?? Number.POSITIVE_INFINITY) - last <= 2 * contextLines) {
      last = changed[index] ?? last;
      index += 1;
    }
    hunks.push(hunkOf(lines.slice(Math.max(0, first - contextLines), last + 1 + contextLines)));
  }
  return hunks;
}

function hunkOf(lines: readonly PatchLine[]): string {
  const [first] = lines;
  const count = (left: PatchLine['sign']) => lines.filter(({ sign }) => sign !== left).length;
  const old = `-${(first?.before ?? 0) + 1},${count('+')}`;
  const now = `+${(first?.after ?? 0) + 1},${count('-')}`;
  return `@@ ${old} ${now} @@\n${lines.map(({ sign, text }) => `${sign}${text}\n`).join('')}`;
}

function patchLines(text: string, fixed: string): PatchLine[] {
  let before = 0;
  let after = 0;
  return diff(linesOf(text), linesOf(fixed)).map(([operation, line]) => {
    // Node counts what is in the first list as more.
    const sign = operation === 0 ? ' ' : operation > 0 ? '-' : '+';
    const entry: PatchLine = { sign, text: line, before, after };
    if (sign !== '+') before += 1;
    if (sign !== '-') after += 1;
    return entry;
  });
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

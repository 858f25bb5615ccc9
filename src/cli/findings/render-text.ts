/** Findings for people: the sentence, the line it is about, and a caret below the place. */

import { type Finding, formatFinding, type Severity } from '../../config/finding.ts';
import { type SourceFile, splitDocuments } from '../../config/parse/source-file.ts';
import { printable, printableLine } from '../output/printable.ts';
import { summaryOf } from './summary.ts';

export interface RenderOptions {
  readonly files: readonly SourceFile[];
  readonly color: boolean;
}

const colors: Readonly<Record<Severity, string>> = {
  error: '\u001b[31m',
  warning: '\u001b[33m',
  info: '\u001b[36m',
};
const bold = '\u001b[1m';
const reset = '\u001b[0m';

const document = 'docs/messages.md';

/** Longer lines are cut around the place. */
const maxExcerpt = 120;

export function renderFindings(findings: readonly Finding[], options: RenderOptions): string {
  const lines = new Map(options.files.map(({ path, text }) => [path, linesToShow(text)]));
  const blocks = findings.map((finding) => {
    const source = lines.get(finding.file)?.[finding.line - 1];
    const heading = options.color ? colored(finding) : headingOf(finding);
    return source == null ? `${heading}\n` : `${heading}\n${excerpt(source, finding)}\n`;
  });
  const codes = findings.length === 0 ? '' : `; each code is explained in ${document}`;
  return `${blocks.join('')}${summaryOf(findings)}${codes}\n`;
}

/** null for each line of a document with a Secret: what stands there is shown to nobody. */
function linesToShow(text: string): (string | null)[] {
  const lines: (string | null)[] = text.split(/\r?\n/);
  for (const chunk of splitDocuments(text)) {
    if (!/\bkind["']?\s*:\s*["']?Secret/.test(chunk.text)) continue;
    lines.fill(null, chunk.lineOffset, chunk.lineOffset + chunk.text.split('\n').length);
  }
  return lines;
}

function colored(finding: Finding): string {
  const { severity, code } = finding;
  const label = `${severity} ${code}`;
  return headingOf(finding).replace(label, `${bold}${colors[severity]}${label}${reset}`);
}

function headingOf(finding: Finding): string {
  return printableLine(formatFinding(finding));
}

function excerpt(source: string, { line, column }: Finding): string {
  const start = column > maxExcerpt ? column - maxExcerpt / 2 : 0;
  const shown = printable(source.slice(start, start + maxExcerpt));
  const number = String(line);
  const margin = ' '.repeat(number.length);
  // Tabs stay tabs, so that the caret stands below its place.
  const indent = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  return `  ${number} | ${shown}\n  ${margin} | ${indent}^`;
}

/** Findings as workflow commands of GitHub Actions, which shows them beside the lines they are about. */

import type { Finding, Severity } from '../../config/finding.ts';
import { printable } from '../output/printable.ts';
import { messageLink } from './message-link.ts';
import { summaryOf } from './summary.ts';

const commands: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};

/** The summary stands in the log alone. */
export function renderGithub(findings: readonly Finding[]): string {
  return `${[...findings.map(commandOf), summaryOf(findings)].join('\n')}\n`;
}

function commandOf(finding: Finding): string {
  const { severity, code, resource, message, hint } = finding;
  const properties = [...placeOf(finding), `title=${property(code)}`];
  const subject = resource === '' ? '' : `${resource}: `;
  const advice = hint === null ? '' : ` (${hint})`;
  const text = `${subject}${message}${advice}; see ${messageLink(code)}`;
  return `::${commands[severity]} ${properties.join(',')}::${data(text)}`;
}

function placeOf({ file, line, column }: Finding): string[] {
  // Standard input is no file of the repository.
  if (file === '' || file === '-') return [];
  const name = `file=${property(file.replace(/^\.\//, ''))}`;
  return line === 0 ? [name] : [name, `line=${line}`, `col=${column}`];
}

/** A line break would end the command. */
function data(text: string): string {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return printable(escaped);
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

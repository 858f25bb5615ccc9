/** Fields that are misspelt by little, and begin as the field that is meant. */

import { editDistance } from '../../base/spelling.ts';
import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import type { Candidate } from './candidate.ts';
import { offsetOf } from './edit.ts';

const unknownFieldCodes: ReadonlySet<string> = new Set([
  findingCode.unknownField,
  findingCode.unknownToKubernetes,
]);

export function fixMisspeltField(finding: Finding, text: string): Candidate | null {
  if (!unknownFieldCodes.has(finding.code)) return null;
  // What is said beyond the name, such as that it belongs elsewhere, asks for a decision.
  const meant = /^did you mean "([\w-]+)"\?$/.exec(finding.hint ?? '')?.[1];
  const written = /^unknown field "([\w-]+)"/.exec(finding.message)?.[1];
  if (meant === undefined || written === undefined || !isSurely(written, meant)) return null;
  const offset = offsetOf(text, finding.line, finding.column);
  const start = /["']/.test(text[offset] ?? '') ? offset + 1 : offset;
  const end = start + written.length;
  if (text.slice(start, end) !== written) return null;
  return {
    edits: [{ start, end, text: meant }],
    what: `"${written}" becomes "${meant}"`,
  };
}

/** A slip of the fingers, or the word with another ending; not another word of the same meaning. */
function isSurely(written: string, meant: string): boolean {
  const [short = '', long = ''] = [written.toLowerCase(), meant.toLowerCase()].sort(
    (a, b) => a.length - b.length,
  );
  if (short.length >= 4 && long.startsWith(short)) return true;
  return editDistance(short, long) <= Math.max(1, Math.floor(short.length / 5));
}

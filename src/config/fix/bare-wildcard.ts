/** A wildcard without quotes, which YAML takes for the name of an anchor. */

import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import type { Candidate } from './candidate.ts';
import { offsetOf } from './edit.ts';

export function fixBareWildcard(finding: Finding, text: string): Candidate | null {
  if (finding.code !== findingCode.syntax) return null;
  const offset = offsetOf(text, finding.line, finding.column);
  const written = /^\*(\.[\w.-]+)?(?=\s|$|[\],}])/.exec(text.slice(offset, offset + 256))?.[0];
  if (written === undefined) return null;
  return {
    edits: [{ start: offset, end: offset + written.length, text: `"${written}"` }],
    what: `${written} is put in quotes`,
  };
}

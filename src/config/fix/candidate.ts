/** What might mend a finding; `fix-text.ts` keeps it only if it does. */

import type { Finding } from '../finding.ts';
import type { Edit } from './edit.ts';

export interface Candidate {
  readonly edits: readonly Edit[];
  /** What is done, for people: `"weighting" becomes "weight"`. */
  readonly what: string;
}

/** null where there is no one right answer. */
export type Fixer = (finding: Finding, text: string) => Candidate | null;

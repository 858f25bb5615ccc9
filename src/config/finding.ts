/** What loading or analysing found: where, what is wrong, and what was probably meant. */

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  /** Stable code: Istio's `IST0101` where it has one, otherwise our own `SLC0001`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to do, for example `did you mean "weight"?`; null when there is nothing to add. */
  readonly hint: string | null;
  readonly file: string;
  /** 1-based; 0 when the finding is about a whole file. */
  readonly line: number;
  readonly column: number;
  /** Path within the resource, such as `spec.http[0].route[1].weight`; empty for the whole. */
  readonly path: string;
  /** `VirtualService default/reviews`; empty where no resource could be read. */
  readonly resource: string;
}

/** `file:line:column: message (hint)`. */
export function formatFinding(finding: Finding): string {
  const place =
    finding.line === 0 ? finding.file : `${finding.file}:${finding.line}:${finding.column}`;
  const subject = finding.resource === '' ? '' : `${finding.resource}: `;
  const hint = finding.hint === null ? '' : ` (${finding.hint})`;
  return `${place}: ${finding.severity} ${finding.code} ${subject}${finding.message}${hint}`;
}

/** For sorting: files in the given order, then by line and column. */
export function compareFindings(
  a: Finding,
  b: Finding,
  fileOrder: ReadonlyMap<string, number>,
): number {
  const byFile = (fileOrder.get(a.file) ?? -1) - (fileOrder.get(b.file) ?? -1);
  return byFile || a.line - b.line || a.column - b.column;
}

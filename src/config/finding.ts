/** What loading or analysing found: where, what is wrong, and what was probably meant. */

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  /** Stable code: Istio's `IST0101`, else Kiali's `KIA0201`, otherwise our own `SLC0001`. */
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

/** `file:line:column: severity code resource: message (hint)`. */
export function formatFinding(finding: Finding): string {
  const place = findingPlace(finding);
  const hint = finding.hint === null ? '' : ` (${finding.hint})`;
  return `${place === '' ? '' : `${place}: `}${finding.severity} ${findingSubject(finding)}${finding.message}${hint}`;
}

/** The same for a line that ends with the place: `severity code resource: message; hint (place)`. */
export function formatFindingPlaceLast(finding: Finding): string {
  return `${finding.severity} ${formatFindingForLog(finding)}`;
}

/** The same without the severity, which a line of the log begins with. */
export function formatFindingForLog(finding: Finding): string {
  const place = findingPlace(finding);
  const hint = finding.hint === null ? '' : `; ${finding.hint}`;
  return `${findingSubject(finding)}${finding.message}${hint}${place === '' ? '' : ` (${place})`}`;
}

/** `file:line:column`; the file where it is about all of it; empty where it is about none. */
function findingPlace({ file, line, column }: Finding): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

function findingSubject({ code, resource }: Finding): string {
  return `${code} ${resource === '' ? '' : `${resource}: `}`;
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

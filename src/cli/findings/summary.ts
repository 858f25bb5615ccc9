/** How many findings there are of each severity. */

import type { Finding, Severity } from '../../config/finding.ts';

const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** `2 errors, 1 info`. */
export function summaryOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no findings';
  return severities
    .map((severity) => ({
      severity,
      count: findings.filter((finding) => finding.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ');
}

/** Whether one is as bad as `least`, or worse. */
export function hasSeverity(findings: readonly Finding[], least: Severity): boolean {
  const counted = severities.slice(0, severities.indexOf(least) + 1);
  return findings.some(({ severity }) => counted.includes(severity));
}

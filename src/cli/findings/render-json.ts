/** Findings for programs: a list, each with a link to what explains it. */

import type { Finding } from '../../config/finding.ts';
import { messageLink } from './message-link.ts';

export function renderJson(findings: readonly Finding[]): string {
  const linked = findings.map((finding) => ({ ...finding, help: messageLink(finding.code) }));
  return `${JSON.stringify(linked, null, 2)}\n`;
}

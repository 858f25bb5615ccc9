/**
 * Findings of analyzers beside those of loading and translating. Both notice what is missing: it is
 * told once, by Istio's code, with the hint of whoever has one.
 */

import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import { translationCode } from '../translate/translation-findings.ts';
import { istioCode } from './istio-code.ts';

/** Codes that say the same as one of an analyzer about the same field, or one around it. */
const counterparts: ReadonlyMap<string, string> = new Map<string, string>([
  [findingCode.unreachableRule, findingCode.unreachableRule],
  [findingCode.ineffectiveMatch, findingCode.ineffectiveMatch],
  [translationCode.unknownGateway, istioCode.referencedResourceNotFound],
  [translationCode.unknownDestination, istioCode.referencedResourceNotFound],
  [translationCode.unknownDestinationPort, istioCode.referencedResourceNotFound],
  [translationCode.unknownSubset, istioCode.referencedResourceNotFound],
  [translationCode.missingSecret, istioCode.referencedResourceNotFound],
  [translationCode.hostTaken, istioCode.conflictingMeshGatewayHosts],
  [translationCode.emptySubset, istioCode.subsetWithoutPods],
  [translationCode.ruleForNothing, istioCode.unknownRuleHost],
]);

export function combinedFindings(
  found: readonly Finding[],
  analyzed: readonly Finding[],
): Finding[] {
  const bySubject = new Map<string, Finding[]>();
  for (const finding of analyzed) {
    const subject = subjectOf(finding.code, finding);
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), finding]);
  }
  const hints = new Map<Finding, string>();
  const others = found.filter((finding) => {
    const code = counterparts.get(finding.code);
    if (code === undefined) return true;
    const same = (bySubject.get(subjectOf(code, finding)) ?? []).find(({ path }) =>
      isWithin(finding.path, path),
    );
    if (same !== undefined && finding.hint !== null) hints.set(same, finding.hint);
    return same === undefined;
  });
  const hinted = analyzed.map((finding) => ({
    ...finding,
    hint: finding.hint ?? hints.get(finding) ?? null,
  }));
  return [...others, ...hinted];
}

function subjectOf(code: string, { file, resource }: Finding): string {
  return [code, file, resource].join(' ');
}

/** Whether a path is the other, or of a field in it. */
function isWithin(path: string, other: string): boolean {
  if (!path.startsWith(other)) return false;
  return path.length === other.length || /^[.[]/.test(path.slice(other.length));
}

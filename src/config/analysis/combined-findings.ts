/**
 * Findings of analyzers beside those of loading and translating. Both notice what is missing: it is
 * told once, by Istio's code, with the hint of whoever has one.
 */

import type { Finding } from '../finding.ts';
import { translationCode } from '../translate/translation-findings.ts';
import { istioCode } from './istio-code.ts';

/** Codes of translation that say the same as one of Istio's of the same field. */
const counterparts: ReadonlyMap<string, string> = new Map<string, string>([
  [translationCode.unknownGateway, istioCode.referencedResourceNotFound],
  [translationCode.unknownDestination, istioCode.referencedResourceNotFound],
  [translationCode.unknownSubset, istioCode.referencedResourceNotFound],
  [translationCode.missingSecret, istioCode.referencedResourceNotFound],
  [translationCode.emptySubset, istioCode.subsetWithoutPods],
  [translationCode.ruleForNothing, istioCode.unknownRuleHost],
]);

export function combinedFindings(
  found: readonly Finding[],
  analyzed: readonly Finding[],
): Finding[] {
  const told = new Set(analyzed.map((finding) => key(finding.code, finding)));
  const hints = new Map<string, string>();
  const others = found.filter((finding) => {
    const code = counterparts.get(finding.code);
    if (code === undefined || !told.has(key(code, finding))) return true;
    if (finding.hint !== null) hints.set(key(code, finding), finding.hint);
    return false;
  });
  const hinted = analyzed.map((finding) => ({
    ...finding,
    hint: finding.hint ?? hints.get(key(finding.code, finding)) ?? null,
  }));
  return [...others, ...hinted];
}

function key(code: string, { file, resource, path }: Finding): string {
  return [code, file, resource, path].join(' ');
}

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

/**
 * Of two analyzers that mean the same match, the one that says which rule takes its requests and is
 * sure of it: Istio's takes a match without a method for one of GET.
 */
const vaguer: ReadonlyMap<string, string> = new Map<string, string>([
  [findingCode.ineffectiveMatch, findingCode.hiddenMatch],
]);

/** What keeps nobody from serving the rest, and that nobody who asks can have meant. */
const graver: ReadonlySet<string> = new Set([translationCode.routeLeftOut]);

export function combinedFindings(
  found: readonly Finding[],
  analyzedAll: readonly Finding[],
): Finding[] {
  const analyzed = withoutVaguer(analyzedAll);
  const bySubject = new Map<string, Finding>();
  for (const finding of analyzed) {
    const subject = subjectOf(finding.code, finding, finding.path);
    if (!bySubject.has(subject)) bySubject.set(subject, finding);
  }
  const hints = new Map<Finding, string>();
  const others = found.filter((finding) => {
    const code = counterparts.get(finding.code);
    if (code === undefined) return true;
    const same = pathsAround(finding.path)
      .map((path) => bySubject.get(subjectOf(code, finding, path)))
      .find((candidate) => candidate !== undefined);
    if (same !== undefined && finding.hint !== null) hints.set(same, finding.hint);
    return same === undefined;
  });
  const hinted = analyzed.map((finding) => ({
    ...finding,
    hint: finding.hint ?? hints.get(finding) ?? null,
  }));
  return [...others.map(graded), ...hinted];
}

function graded(finding: Finding): Finding {
  return graver.has(finding.code) ? { ...finding, severity: 'error' } : finding;
}

function withoutVaguer(analyzed: readonly Finding[]): readonly Finding[] {
  const subjects = new Set(
    analyzed.map((finding) => subjectOf(finding.code, finding, finding.path)),
  );
  return analyzed.filter((finding) => {
    const better = vaguer.get(finding.code);
    return better === undefined || !subjects.has(subjectOf(better, finding, finding.path));
  });
}

function subjectOf(code: string, { file, resource }: Finding, path: string): string {
  return [code, file, resource, path].join(' ');
}

/** The path itself and those of the fields that hold it, the closest first. */
function pathsAround(path: string): string[] {
  const paths = [path];
  for (let end = path.length - 1; end > 0; end--) {
    if (path[end] === '.' || path[end] === '[') paths.push(path.slice(0, end));
  }
  return paths;
}

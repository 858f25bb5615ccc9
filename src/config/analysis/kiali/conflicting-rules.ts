/**
 * KIA0201: DestinationRules of a namespace for one host are put together, and what an earlier one
 * has already is left out of a later one (Istio destination_rule.go).
 */

import { expandShortName } from '../../registry/host-names.ts';
import { type DestinationRule, inIstioOrder } from '../../translate/istio-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { fullName } from '../istio/names.ts';
import { selectorText } from '../istio/selector.ts';
import { kialiCode } from '../kiali-code.ts';

export function* conflictingRules(context: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const group of mergedRules(context)) {
    const subsets = new Map<string, DestinationRule>();
    let policy: DestinationRule | null = null;
    for (const resource of group) {
      yield* repeatedSubsets(resource, subsets);
      if (resource.spec.trafficPolicy === undefined) continue;
      if (policy !== null) yield hiddenPolicy(resource, policy);
      policy ??= resource;
    }
  }
}

/** `defined` gets those of the resource. */
function* repeatedSubsets(
  resource: DestinationRule,
  defined: Map<string, DestinationRule>,
): Iterable<AnalyzerFinding> {
  for (const [index, { name }] of (resource.spec.subsets ?? []).entries()) {
    const first = defined.get(name);
    if (first === undefined) {
      defined.set(name, resource);
      continue;
    }
    yield {
      code: kialiCode.conflictingRules,
      resource,
      path: ['spec', 'subsets', index],
      message: `the subset "${name}" of ${resource.spec.host} is defined in ${fullName(first)} before, which counts`,
      hint: 'remove one of them, or give it another name',
    };
  }
}

function hiddenPolicy(resource: DestinationRule, first: DestinationRule): AnalyzerFinding {
  return {
    code: kialiCode.conflictingRules,
    resource,
    path: ['spec', 'trafficPolicy'],
    message: `${fullName(first)} has a trafficPolicy for ${resource.spec.host}, too, which counts alone`,
    hint: 'put both into one DestinationRule',
  };
}

/** Those that are one rule: for the same host, and the same clients. */
function mergedRules({
  resources,
  settings,
}: AnalysisContext): Iterable<readonly DestinationRule[]> {
  const groups = new Map<string, DestinationRule[]>();
  for (const resource of inIstioOrder(resources.destinationRules)) {
    const { host, exportTo = [], workloadSelector } = resource.spec;
    const { namespace } = resource.metadata;
    const key = [
      namespace,
      expandShortName(host, namespace, settings.mesh.domainSuffix),
      [...exportTo].sort().join(),
      workloadSelector === undefined ? '' : `{${selectorText(workloadSelector.matchLabels ?? {})}}`,
    ].join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [resource]);
    else group.push(resource);
  }
  return groups.values();
}

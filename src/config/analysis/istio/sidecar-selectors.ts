/** IST0101, IST0110, IST0111, IST0167: which workloads the Sidecars of a namespace are for. */

import type { Path } from '../../problem.ts';
import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { type PodLike, podsOf, selectorText, selects } from './selector.ts';

type Sidecar = ReadResources['sidecars'][number];

const selectorPath: Path = ['spec', 'workloadSelector'];

export function* sidecarSelectors({ read, settings }: AnalysisContext): Iterable<AnalyzerFinding> {
  const pods = podsOf(read);
  const bySelector: [PodLike, Sidecar[]][] = pods.map((pod) => [pod, []]);
  const wide = new Map<string, Sidecar[]>();
  for (const resource of read.sidecars) {
    const { namespace } = resource.metadata;
    const labels = resource.spec.workloadSelector?.labels ?? {};
    if (Object.keys(labels).length === 0) {
      wide.set(namespace, [...(wide.get(namespace) ?? []), resource]);
      continue;
    }
    const chosen = bySelector.filter(
      ([pod]) => pod.namespace === namespace && selects(labels, pod.labels),
    );
    for (const [, sidecars] of chosen) sidecars.push(resource);
    if (chosen.length === 0) {
      const isRoot = namespace === settings.mesh.rootNamespace;
      yield noPod(resource, selectorText(labels), isRoot);
    }
  }
  const reported = new Set<Sidecar>();
  for (const [pod, sidecars] of bySelector) yield* ofPod(pod, sidecars, reported);
  for (const [namespace, sidecars] of wide) {
    if (isAmbient(read, namespace)) {
      yield* withoutEffect(sidecars, reported, `the namespace ${namespace} is in ambient mode`);
    } else if (sidecars.length > 1) yield* severalForAll(sidecars);
  }
}

function noPod(resource: Sidecar, selector: string, isRoot: boolean): AnalyzerFinding {
  return {
    code: istioCode.referencedResourceNotFound,
    resource,
    path: selectorPath,
    message: `no pod of the namespace has the labels ${selector} of the selector`,
    hint: isRoot
      ? 'a Sidecar of the root namespace is for all namespaces only without a workloadSelector'
      : 'correct the selector, or add the workload',
  };
}

function* ofPod(
  pod: PodLike,
  sidecars: readonly Sidecar[],
  reported: Set<Sidecar>,
): Iterable<AnalyzerFinding> {
  if (pod.annotations['ambient.istio.io/redirection'] === 'enabled') {
    yield* withoutEffect(sidecars, reported, `the pod ${pod.name} is in ambient mode`);
    return;
  }
  if (sidecars.length < 2) return;
  for (const resource of sidecars) {
    yield {
      code: istioCode.conflictingSidecarSelectors,
      resource,
      path: selectorPath,
      message: `${namesBut(resource, sidecars)} selects the pod ${pod.name}, too`,
      hint: 'let one Sidecar select each pod: which of them counts is not defined',
    };
  }
}

/** Each is told once. */
function* withoutEffect(
  sidecars: readonly Sidecar[],
  reported: Set<Sidecar>,
  reason: string,
): Iterable<AnalyzerFinding> {
  for (const resource of sidecars) {
    if (reported.has(resource)) continue;
    reported.add(resource);
    yield {
      code: istioCode.ineffectivePolicy,
      resource,
      path: [],
      message: `${reason}: it has no sidecars, and the resource has no effect there`,
      hint: 'remove the Sidecar',
    };
  }
}

function* severalForAll(sidecars: readonly Sidecar[]): Iterable<AnalyzerFinding> {
  for (const resource of sidecars) {
    yield {
      code: istioCode.multipleSidecarsWithoutSelectors,
      resource,
      path: [],
      message: `${namesBut(resource, sidecars)} is for all workloads of the namespace, too`,
      hint: 'keep one of them without a workloadSelector',
    };
  }
}

function namesBut(resource: Sidecar, sidecars: readonly Sidecar[]): string {
  const others = sidecars.filter((other) => other !== resource);
  return others.map(({ metadata }) => metadata.name).join(', ');
}

/** Labels for the injection of sidecars say otherwise. */
function isAmbient({ namespaces }: ReadResources, name: string): boolean {
  const labels = namespaces.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {};
  if (labels['istio-injection'] === 'enabled' || (labels['istio.io/rev'] ?? '') !== '')
    return false;
  return labels['istio.io/dataplane-mode'] === 'ambient';
}

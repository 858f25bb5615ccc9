/**
 * KIA0004: selectors that no workload has all labels of. Told where workloads of the namespace are
 * known; Sidecars have Istio's own code.
 */

import type { Path } from '../../problem.ts';
import type { Resource } from '../../resource.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { podsOf, type Selector, selectorText, selects } from '../istio/selector.ts';
import { kialiCode } from '../kiali-code.ts';

interface Selecting {
  readonly resource: Resource<string, unknown>;
  readonly labels: Selector;
  readonly path: Path;
}

interface Workload {
  readonly namespace: string;
  readonly labels: Selector;
}

export function* selectorWorkloads(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const workloads = workloadsOf(context);
  const { rootNamespace } = context.settings.mesh;
  for (const { resource, labels, path } of selectingResources(context)) {
    const { namespace } = resource.metadata;
    // A Telemetry resource of the root namespace is for all namespaces.
    const isForMesh = resource.kind === 'Telemetry' && namespace === rootNamespace;
    const near = workloads.filter((workload) => isForMesh || workload.namespace === namespace);
    if (near.length === 0 || near.some((workload) => selects(labels, workload.labels))) continue;
    yield {
      code: kialiCode.selectorWithoutWorkload,
      resource,
      path,
      message: `no workload ${isForMesh ? '' : `of ${namespace} `}has the labels ${selectorText(labels)}`,
      hint: 'correct the labels (those of the pods count), or add the workload',
    };
  }
}

/** What is in files, and this proxy itself. */
function workloadsOf({ read, settings }: AnalysisContext): Workload[] {
  const entries = read.workloadEntries.map(({ metadata, spec }) => ({
    namespace: metadata.namespace,
    labels: { ...metadata.labels, ...spec.labels },
  }));
  const { namespace, labels } = settings.identity;
  const own = Object.keys(labels).length === 0 ? [] : [{ namespace, labels }];
  return [...podsOf(read), ...entries, ...own];
}

function* selectingResources({ resources }: AnalysisContext): Iterable<Selecting> {
  for (const resource of resources.serviceEntries) {
    const { labels = {} } = resource.spec.workloadSelector ?? {};
    if (isSelector(labels)) yield { resource, labels, path: ['spec', 'workloadSelector'] };
  }
  for (const resource of resources.destinationRules) {
    const { matchLabels: labels = {} } = resource.spec.workloadSelector ?? {};
    if (isSelector(labels)) yield { resource, labels, path: ['spec', 'workloadSelector'] };
  }
  for (const resource of resources.telemetries) {
    const { matchLabels: labels = {} } = resource.spec.selector ?? {};
    if (isSelector(labels)) yield { resource, labels, path: ['spec', 'selector'] };
  }
}

function isSelector(labels: Selector): boolean {
  return Object.keys(labels).length > 0;
}

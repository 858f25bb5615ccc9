/** IST0101, IST0157, IST0159, IST0160: which workloads the Telemetry resources of a namespace are for. */

import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { podsOf, Selectable, selectorText } from './selector.ts';

type Telemetry = ReadResources['telemetries'][number];

export function* telemetrySelectors({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  const pods = new Selectable(podsOf(read));
  const byPod = new Map<string, Telemetry[]>();
  for (const resource of read.telemetries) {
    const { namespace } = resource.metadata;
    const labels = resource.spec.selector?.matchLabels ?? {};
    if (Object.keys(labels).length === 0) continue;
    const chosen = pods.selectedBy(labels).filter((pod) => pod.namespace === namespace);
    for (const { name } of chosen) {
      const key = `${namespace}/${name}`;
      byPod.set(key, [...(byPod.get(key) ?? []), resource]);
    }
    if (chosen.length === 0) yield noPod(resource, selectorText(labels));
  }
  for (const [pod, several] of byPod) {
    if (several.length < 2) continue;
    for (const resource of several) yield conflict(resource, several, pod);
  }
  yield* severalForAll(read.telemetries);
}

/** Items that ask for logs while nothing says who keeps them. */
export function* telemetryProviders({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  const defaults = read.bootstraps.flatMap(
    ({ spec }) => spec.meshConfig?.defaultProviders?.accessLogging ?? [],
  );
  if (defaults.length > 0) return;
  for (const resource of read.telemetries) {
    for (const [index, item] of (resource.spec.accessLogging ?? []).entries()) {
      if (item.disabled === true || (item.providers ?? []).length > 0) continue;
      yield {
        code: istioCode.invalidTelemetryProvider,
        resource,
        path: ['spec', 'accessLogging', index],
        message: 'the item names no provider, and meshConfig.defaultProviders names none for it',
        hint: 'add providers to the item, like [{name: envoy}]',
      };
    }
  }
}

function noPod(resource: Telemetry, selector: string): AnalyzerFinding {
  return {
    code: istioCode.referencedResourceNotFound,
    resource,
    path: ['spec', 'selector'],
    message: `no pod of the namespace has the labels ${selector} of the selector`,
    hint: 'correct the selector, or add the workload',
  };
}

function conflict(
  resource: Telemetry,
  several: readonly Telemetry[],
  pod: string,
): AnalyzerFinding {
  return {
    code: istioCode.conflictingTelemetrySelectors,
    resource,
    path: ['spec', 'selector'],
    message: `${namesBut(resource, several)} selects the pod ${pod}, too`,
    hint: 'put them into one resource',
  };
}

function* severalForAll(telemetries: readonly Telemetry[]): Iterable<AnalyzerFinding> {
  const wide = telemetries.filter(({ spec }) => {
    const isForGateways = spec.targetRef !== undefined || spec.targetRefs !== undefined;
    return spec.selector === undefined && !isForGateways;
  });
  for (const [namespace, several] of Map.groupBy(wide, ({ metadata }) => metadata.namespace)) {
    if (several.length < 2) continue;
    for (const resource of several) {
      yield {
        code: istioCode.multipleTelemetriesWithoutSelectors,
        resource,
        path: [],
        message: `${namesBut(resource, several)} is for the whole namespace ${namespace}, too`,
        hint: 'put them into one resource, or give one of them a selector',
      };
    }
  }
}

function namesBut(resource: Telemetry, several: readonly Telemetry[]): string {
  const others = several.filter((other) => other !== resource);
  return others.map(({ metadata }) => metadata.name).join(', ');
}

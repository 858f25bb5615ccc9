/**
 * Outlier detection that ejects no endpoint: because one is more than it may eject, or because
 * nothing is counted.
 */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import { expandShortName } from '../../registry/host-names.ts';
import { hasLabels, type RegistryService } from '../../registry/service.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { OutlierDetection, TrafficPolicy } from '../../schema/destination-rule.ts';
import type { DestinationRule } from '../../translate/istio-resources.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { Selectable } from '../istio/selector.ts';
import type { Traffic } from './traffic.ts';

/** Envoy's, also where Istio's field is 0. */
const defaultPercent = 10;

type Labels = Readonly<Record<string, string>>;

interface Policy {
  readonly outlier: OutlierDetection;
  readonly path: Path;
  /** Of the endpoints that it is for; of a subset. */
  readonly labels: Labels;
}

export function* ejectsNobody(traffic: Traffic): Iterable<AnalyzerFinding> {
  const { domainSuffix } = traffic.settings.mesh;
  const templates = podTemplates(traffic.resources);
  for (const resource of traffic.resources.destinationRules) {
    const { namespace } = resource.metadata;
    const host = expandShortName(resource.spec.host, namespace, domainSuffix);
    const service = traffic.servicesByHost.get(host);
    if (service === undefined) continue;
    for (const { outlier, path, labels } of policiesOf(resource)) {
      if (!hasDetector(outlier)) {
        yield noDetector(resource, path);
        continue;
      }
      const count = endpointCount(templates, service, labels);
      const percent = outlier.maxEjectionPercent || defaultPercent;
      if (count === 0 || count * percent >= 100) continue;
      const isSet = outlier.maxEjectionPercent !== undefined;
      const source = isSet ? '' : ', the default of maxEjectionPercent';
      yield {
        code: findingCode.ejectsNobody,
        resource,
        path: isSet ? [...path, 'maxEjectionPercent'] : path,
        message: `no endpoint is ever ejected: one of ${count} is more than ${percent} %${source}`,
        hint: `set maxEjectionPercent to ${Math.ceil(100 / count)} or more`,
      };
    }
  }
}

/** Whether anything makes an endpoint an outlier. */
function hasDetector(outlier: OutlierDetection): boolean {
  const {
    consecutive5xxErrors = 5,
    consecutiveGatewayErrors = 0,
    splitExternalLocalOriginErrors = false,
  } = outlier;
  // Failures to connect that are counted apart always have a limit: 0 is its default.
  return consecutive5xxErrors > 0 || consecutiveGatewayErrors > 0 || splitExternalLocalOriginErrors;
}

function noDetector(resource: DestinationRule, path: Path): AnalyzerFinding {
  return {
    code: findingCode.ejectsNobody,
    resource,
    path: [...path, 'consecutive5xxErrors'],
    message: 'no endpoint is ever ejected: consecutive5xxErrors is 0, and nothing else is counted',
    hint: 'set consecutive5xxErrors or consecutiveGatewayErrors to 1 or more',
  };
}

function* policiesOf({ spec }: DestinationRule): Iterable<Policy> {
  yield* outliersIn(spec.trafficPolicy, ['spec', 'trafficPolicy'], {});
  for (const [index, { trafficPolicy, labels = {} }] of (spec.subsets ?? []).entries()) {
    yield* outliersIn(trafficPolicy, ['spec', 'subsets', index, 'trafficPolicy'], labels);
  }
}

function* outliersIn(
  policy: TrafficPolicy | undefined,
  path: Path,
  labels: Labels,
): Iterable<Policy> {
  const own = policy?.outlierDetection;
  if (own !== undefined) yield { outlier: own, path: [...path, 'outlierDetection'], labels };
  for (const [index, { outlierDetection }] of (policy?.portLevelSettings ?? []).entries()) {
    if (outlierDetection === undefined) continue;
    const place = [...path, 'portLevelSettings', index, 'outlierDetection'];
    yield { outlier: outlierDetection, path: place, labels };
  }
}

/** What a Deployment or StatefulSet makes its pods from. */
interface PodTemplate {
  readonly namespace: string;
  readonly labels: Labels;
  readonly replicas: number;
}

function podTemplates({ deployments, statefulSets }: ResourceSet): Selectable<PodTemplate> {
  const templates = [...deployments, ...statefulSets].map(({ metadata, spec }) => ({
    namespace: metadata.namespace,
    labels: spec.template?.metadata?.labels ?? {},
    replicas: spec.replicas ?? 1,
  }));
  return new Selectable(templates);
}

/** 0 where nothing tells: a name that DNS resolves may stand for many. */
function endpointCount(
  templates: Selectable<PodTemplate>,
  service: RegistryService,
  labels: Labels,
): number {
  if (service.discovery !== 'static') return replicaCount(templates, service, labels);
  const counts = [...service.endpoints.values()].map(
    (endpoints) => endpoints.filter((endpoint) => hasLabels(endpoint.labels, labels)).length,
  );
  return Math.max(0, ...counts);
}

/** Of the Deployments and StatefulSets that the service selects. */
function replicaCount(
  templates: Selectable<PodTemplate>,
  { selector, namespace }: RegistryService,
  labels: Labels,
): number {
  if (selector === null) return 0;
  let count = 0;
  for (const template of templates.selectedBy(selector)) {
    if (template.namespace !== namespace || !hasLabels(template.labels, labels)) continue;
    count += template.replicas;
  }
  return count;
}

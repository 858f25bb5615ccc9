/** What the checks of our own look at: rules and policies as they are served, with their places. */

import type { Path } from '../../problem.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import type { RegistryService } from '../../registry/service.ts';
import {
  buildServiceRegistry,
  chooseServices,
  indexByHost,
  visibleServices,
} from '../../registry/service-registry.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import { DestinationRules } from '../../translate/rules/destination-rules.ts';
import {
  type BoundVirtualService,
  bindVirtualServices,
  type HttpRule,
} from '../../translate/rules/virtual-services.ts';
import { TranslationFindings } from '../../translate/translation-findings.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';

export interface Traffic {
  readonly resources: ResourceSet;
  readonly settings: ProxySettings;
  /** In Istio's order, with the rules of their delegates. */
  readonly virtualServices: readonly BoundVirtualService[];
  /** Each once, also where several VirtualServices include one delegate. */
  readonly rules: readonly HttpRule[];
  readonly destinationRules: DestinationRules;
  readonly servicesByHost: ReadonlyMap<string, RegistryService>;
}

export type Check = (traffic: Traffic) => Iterable<AnalyzerFinding>;

export function readTraffic({ resources, settings }: AnalysisContext): Traffic {
  const { namespace } = settings.identity;
  const { services } = buildServiceRegistry(resources, settings);
  const seen = chooseServices(visibleServices(services, namespace), namespace);
  // What the translation finds is told by the translation.
  const findings = new TranslationFindings();
  const virtualServices = bindVirtualServices(resources.virtualServices, settings, findings);
  return {
    resources,
    settings,
    virtualServices,
    rules: rulesOf(virtualServices),
    destinationRules: new DestinationRules(resources.destinationRules, settings),
    servicesByHost: indexByHost(seen),
  };
}

function rulesOf(virtualServices: readonly BoundVirtualService[]): HttpRule[] {
  const byPlace = new Map<string, HttpRule>();
  for (const rule of virtualServices.flatMap(({ rules }) => rules)) {
    const { namespace, name } = rule.resource.metadata;
    const key = `${namespace}/${name} ${rule.path.join('.')}`;
    if (!byPlace.has(key)) byPlace.set(key, rule);
  }
  return [...byPlace.values()];
}

export interface PlacedMatch {
  readonly match: HttpMatchRequest;
  readonly resource: VirtualService;
  readonly path: Path;
}

/** The matches as they are written, of delegates too. */
export function* matchesOf({ resources }: Traffic): Iterable<PlacedMatch> {
  for (const resource of resources.virtualServices) {
    for (const [ruleIndex, rule] of (resource.spec.http ?? []).entries()) {
      for (const [index, match] of (rule.match ?? []).entries()) {
        yield { match, resource, path: ['spec', 'http', ruleIndex, 'match', index] };
      }
    }
  }
}

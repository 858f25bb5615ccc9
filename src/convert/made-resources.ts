/** The resources of Istio that stand for Ingresses, as the conversion makes them for the proxy. */

import { convertResources } from '../config/conversion/convert-resources.ts';
import type { Finding } from '../config/finding.ts';
import type { ProxySettings } from '../config/proxy-settings.ts';
import {
  type Resource,
  resourceLabel,
  type WrittenPlace,
  writtenPlace,
} from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import { TranslationFindings } from '../config/translate/translation-findings.ts';
import { originPlace } from '../model/origin.ts';

export type MadeResources = Pick<
  ResourceSet,
  'virtualServices' | 'gateways' | 'destinationRules' | 'serviceEntries'
>;

export interface MadeFromIngresses {
  readonly made: MadeResources;
  /** What the conversion finds in the Ingresses. */
  readonly findings: readonly Finding[];
}

export function madeFromIngresses(
  resources: ResourceSet,
  settings: ProxySettings,
): MadeFromIngresses {
  const findings = new TranslationFindings();
  const { resources: all } = convertResources(withoutGatewayApi(resources), settings, findings);
  const made: MadeResources = {
    virtualServices: newOnes(all.virtualServices, resources.virtualServices),
    gateways: newOnes(all.gateways, resources.gateways),
    destinationRules: newOnes(all.destinationRules, resources.destinationRules),
    serviceEntries: newOnes(all.serviceEntries, resources.serviceEntries),
  };
  return { made, findings: findings.list() };
}

/** They keep what they are. */
function withoutGatewayApi(resources: ResourceSet): ResourceSet {
  return {
    ...resources,
    kubernetesGateways: [],
    httpRoutes: [],
    grpcRoutes: [],
    tlsRoutes: [],
    tcpRoutes: [],
    backendTlsPolicies: [],
  };
}

function newOnes<Item extends Resource<string, unknown>>(
  all: readonly Item[],
  written: readonly Item[],
): Item[] {
  const known = new Set(written);
  return all.filter((one) => !known.has(one));
}

/** `Ingress default/shop (shop.yaml:3)`, each once. */
export function sourcesOf(places: readonly WrittenPlace[]): string[] {
  const labels = places.map((place) => {
    const { resource } = writtenPlace(place);
    const { kind, metadata, file } = resource;
    const { line } = resource.positionOf([]);
    const where = file === '' ? '' : ` (${originPlace({ file, line })})`;
    return `${resourceLabel(kind, metadata.namespace, metadata.name)}${where}`;
  });
  return [...new Set(labels)];
}

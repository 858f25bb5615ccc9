/**
 * Every host that the resources define, with its ports and endpoints: one service for each host and
 * namespace.
 */

import { compareText } from '../../base/compare-text.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import type { ResourceSet } from '../resource-set.ts';
import { isVisibleIn, visibilityRank } from './export-to.ts';
import { expandShortName, serviceHostName } from './host-names.ts';
import { KubernetesEndpoints } from './kubernetes-endpoints.ts';
import {
  fromExternalName,
  fromKubernetesService,
  type ServiceResource,
} from './kubernetes-services.ts';
import { mergeSameHosts } from './merge-services.ts';
import type { RegistryService } from './service.ts';
import { fromServiceEntries } from './service-entries.ts';
import { nearness } from './traffic-distribution.ts';
import { WorkloadEntries } from './workload-entries.ts';
import { indexWorkloads } from './workloads.ts';

export interface ServiceRegistry {
  /** Oldest first, then by host and namespace; a host may occur in several namespaces. */
  readonly services: readonly RegistryService[];
  /** Names in the `workloads` map that no resource has. */
  readonly unknownWorkloads: readonly string[];
}

export function buildServiceRegistry(
  resources: ResourceSet,
  settings: ProxySettings,
): ServiceRegistry {
  const { mesh } = settings;
  const workloads = indexWorkloads(resources, settings.workloads);
  const entries = new WorkloadEntries(resources);
  const endpoints = new KubernetesEndpoints(resources, workloads, entries);
  const external = resources.services.filter(({ spec }) => spec.type === 'ExternalName');
  const found = [
    ...resources.services
      .filter(({ spec }) => spec.type !== 'ExternalName')
      .map((service) => fromKubernetesService(service, endpoints, mesh)),
    ...fromServiceEntries({ resources, workloads, entries, settings }),
  ];
  const distributed = withNamespaceDistribution(found, resources);
  const services = mergeSameHosts(distributed.sort(compareServices));
  const withAliases = addExternalNames(services, external, mesh);
  return {
    services: withAliases.sort(compareServices),
    unknownWorkloads: workloads.unknownNames,
  };
}

/** The annotation of a Namespace holds for its services that say nothing themselves. */
function withNamespaceDistribution(
  services: readonly RegistryService[],
  { namespaces }: ResourceSet,
): RegistryService[] {
  const defaults = new Map(
    namespaces.map(({ metadata }) => [metadata.name, nearness(undefined, metadata.annotations)]),
  );
  return services.map((service) => {
    const inherited = defaults.get(service.namespace) ?? null;
    if (service.prefersNear !== null || inherited === null) return service;
    return { ...service, prefersNear: inherited };
  });
}

/** All services that a proxy in `namespace` sees, in the order in which they claim a host. */
export function visibleServices(
  services: readonly RegistryService[],
  namespace: string,
): RegistryService[] {
  const visible = services.filter((service) => isVisibleIn(namespace, service));
  // Sorting keeps the order of those with one rank.
  return visible.sort((a, b) => visibilityRank(namespace, a) - visibilityRank(namespace, b));
}

/**
 * One service for each host: that of the client's namespace, otherwise a Kubernetes Service, or
 * else the first. `namespace` null: a gateway, which prefers none.
 */
export function chooseServices(
  candidates: readonly RegistryService[],
  namespace: string | null,
): RegistryService[] {
  const chosen = new Map<string, RegistryService>();
  for (const service of candidates) {
    const other = chosen.get(service.host);
    if (other === undefined || isBetter(service, other, namespace)) {
      chosen.set(service.host, service);
    }
  }
  return [...chosen.values()];
}

function isBetter(
  service: RegistryService,
  other: RegistryService,
  namespace: string | null,
): boolean {
  if (other.namespace === namespace) return false;
  if (service.namespace === namespace) return true;
  return service.source === 'Service' && other.source !== 'Service';
}

/** Services by host; an alias leads to its target. */
export function indexByHost(
  services: readonly RegistryService[],
): ReadonlyMap<string, RegistryService> {
  const index = new Map<string, RegistryService>();
  for (const service of services) {
    for (const alias of service.aliases) index.set(alias, service);
  }
  for (const service of services) index.set(service.host, service);
  return index;
}

function compareServices(a: RegistryService, b: RegistryService): number {
  return (
    a.creationTimestamp - b.creationTimestamp ||
    compareText(a.host, b.host) ||
    compareText(a.namespace, b.namespace)
  );
}

/** An ExternalName that points at a known service is a further name of it, as in Istio. */
function addExternalNames(
  services: readonly RegistryService[],
  external: readonly ServiceResource[],
  mesh: ProxySettings['mesh'],
): RegistryService[] {
  if (external.length === 0) return [...services];
  const targets = new Map(
    external.map((service) => [serviceHostName(service.metadata, mesh.domainSuffix), service]),
  );
  const known = new Set(services.map(({ host }) => host));
  const aliases = new Map<string, string[]>();
  const unresolved: RegistryService[] = [];
  for (const [host, service] of targets) {
    const target = finalTarget(service, targets, mesh.domainSuffix);
    const names = aliases.get(target);
    if (!known.has(target)) unresolved.push(fromExternalName(service, mesh));
    else if (names === undefined) aliases.set(target, [host]);
    else names.push(host);
  }
  const named = services.map((service) => {
    const names = aliases.get(service.host);
    return names === undefined ? service : { ...service, aliases: names };
  });
  return [...named, ...unresolved];
}

/** Follows ExternalNames that point at ExternalNames; a circle ends where it began. */
function finalTarget(
  service: ServiceResource,
  external: ReadonlyMap<string, ServiceResource>,
  domainSuffix: string,
): string {
  const seen = new Set<ServiceResource>();
  let current = service;
  for (;;) {
    seen.add(current);
    const target = (current.spec.externalName ?? '').replace(/\.$/, '');
    const name = expandShortName(target, current.metadata.namespace, domainSuffix);
    const next = external.get(name);
    if (next === undefined || seen.has(next)) return name;
    current = next;
  }
}

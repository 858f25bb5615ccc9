/**
 * Every host that the resources define, with its ports and endpoints: one service for each host and
 * namespace.
 */

import type { ProxySettings } from '../proxy-settings.ts';
import type { ResourceSet } from '../resource-set.ts';
import { isVisibleIn } from './export-to.ts';
import { expandShortName } from './host-names.ts';
import { KubernetesEndpoints } from './kubernetes-endpoints.ts';
import {
  fromExternalName,
  fromKubernetesService,
  type ServiceResource,
  serviceHost,
} from './kubernetes-services.ts';
import type { RegistryEndpoint, RegistryService } from './service.ts';
import { fromServiceEntries } from './service-entries.ts';
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
  const endpoints = new KubernetesEndpoints(resources, workloads);
  const external = resources.services.filter(({ spec }) => spec.type === 'ExternalName');
  const services = mergeSameHosts([
    ...resources.services
      .filter(({ spec }) => spec.type !== 'ExternalName')
      .map((service) => fromKubernetesService(service, endpoints, mesh)),
    ...fromServiceEntries({ resources, workloads, mesh }),
  ]);
  const withAliases = addExternalNames(services, external, mesh);
  return {
    services: withAliases.sort(compareServices),
    unknownWorkloads: workloads.unknownNames,
  };
}

/**
 * The services that a proxy in `namespace` sees: for a host in several namespaces its own, else the
 * oldest.
 */
export function visibleServices(
  services: readonly RegistryService[],
  namespace: string,
): RegistryService[] {
  const chosen = new Map<string, RegistryService>();
  for (const service of services) {
    if (!isVisibleIn(namespace, service)) continue;
    const other = chosen.get(service.host);
    if (other === undefined || (service.namespace === namespace && other.namespace !== namespace)) {
      chosen.set(service.host, service);
    }
  }
  return [...chosen.values()];
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

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Within a namespace, several resources for one host are one service with the ports and endpoints
 * of all.
 */
function mergeSameHosts(services: readonly RegistryService[]): RegistryService[] {
  const merged = new Map<string, RegistryService>();
  for (const service of services) {
    const key = `${service.namespace}/${service.host}`;
    const first = merged.get(key);
    merged.set(key, first === undefined ? service : mergeServices(first, service));
  }
  return [...merged.values()];
}

function mergeServices(first: RegistryService, second: RegistryService): RegistryService {
  const known = new Set(first.ports.map((port) => port.number));
  const endpoints = new Map<number, readonly RegistryEndpoint[]>(first.endpoints);
  for (const [port, added] of second.endpoints) {
    endpoints.set(port, [...(endpoints.get(port) ?? []), ...added]);
  }
  return {
    ...first,
    ports: [...first.ports, ...second.ports.filter((port) => !known.has(port.number))],
    endpoints,
    addresses: [...new Set([...first.addresses, ...second.addresses])],
    healthCheck: first.healthCheck ?? second.healthCheck,
    targetPorts: new Map([...second.targetPorts, ...first.targetPorts]),
  };
}

/** An ExternalName that points at a known service is a further name of it, as in Istio. */
function addExternalNames(
  services: readonly RegistryService[],
  external: readonly ServiceResource[],
  mesh: ProxySettings['mesh'],
): RegistryService[] {
  if (external.length === 0) return [...services];
  const targets = new Map(
    external.map((service) => [serviceHost(service, mesh.domainSuffix), service]),
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

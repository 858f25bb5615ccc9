/** Kubernetes Services as services of the registry. */

import type { ClusterDiscovery } from '../../model/cluster.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { originOf, type Resource } from '../resource.ts';
import type { ServiceSpec } from '../schema/kubernetes.ts';
import type { EndpointsByPort, KubernetesEndpoints } from './kubernetes-endpoints.ts';
import { kubernetesProtocol } from './protocol.ts';
import { type RegistryEndpoint, type RegistryService, unknownLocality } from './service.ts';

export type ServiceResource = Resource<'Service', ServiceSpec>;

export function serviceHost(service: ServiceResource, domainSuffix: string): string {
  return `${service.metadata.name}.${service.metadata.namespace}.svc.${domainSuffix}`;
}

/** A Service of any type but ExternalName. */
export function fromKubernetesService(
  service: ServiceResource,
  endpoints: KubernetesEndpoints,
  mesh: ProxySettings['mesh'],
): RegistryService {
  const host = serviceHost(service, mesh.domainSuffix);
  const known = endpoints.of(service);
  const headless = service.spec.clusterIP === 'None';
  return {
    ...common(service, mesh),
    host,
    // Nothing here knows its endpoints, so the cluster's (or the machine's) DNS is asked.
    discovery: known === null ? 'strict-dns' : 'static',
    endpoints: known ?? dnsEndpoints(service, host, headless),
    addresses: virtualAddresses(service.spec),
    headless,
    external: false,
  };
}

/** A Service of type ExternalName whose target is no service of the registry: resolved by DNS. */
export function fromExternalName(
  service: ServiceResource,
  mesh: ProxySettings['mesh'],
): RegistryService {
  const discovery: ClusterDiscovery = 'strict-dns';
  return {
    ...common(service, mesh),
    host: serviceHost(service, mesh.domainSuffix),
    discovery,
    endpoints: dnsEndpoints(service, service.spec.externalName ?? '', false),
    addresses: [],
    headless: false,
    external: true,
  };
}

function common(service: ServiceResource, mesh: ProxySettings['mesh']) {
  const { name, namespace, annotations, creationTimestamp } = service.metadata;
  const ports = service.spec.ports ?? [];
  return {
    source: 'Service',
    name,
    namespace,
    ports: ports.map((port) => ({
      number: port.port,
      name: port.name ?? '',
      protocol: kubernetesProtocol(port),
    })),
    aliases: [],
    selector: service.spec.selector ?? null,
    targetPorts: new Map(
      ports.flatMap(({ port, targetPort = port }): [number, number][] =>
        typeof targetPort === 'number' ? [[port, targetPort]] : [],
      ),
    ),
    exportTo:
      annotations['networking.istio.io/exportTo']?.split(',').map((part) => part.trim()) ??
      mesh.defaultServiceExportTo,
    creationTimestamp,
    origin: originOf(service),
  } as const;
}

function virtualAddresses(service: ServiceSpec): string[] {
  const addresses = new Set([service.clusterIP ?? '', ...(service.clusterIPs ?? [])]);
  return [...addresses].filter((address) => address !== '' && address !== 'None');
}

/** Behind a virtual address the service's own port answers, without one the pods' ports do. */
function dnsEndpoints(service: ServiceResource, name: string, headless: boolean): EndpointsByPort {
  const endpoints = new Map<number, RegistryEndpoint[]>();
  for (const { port, targetPort } of service.spec.ports ?? []) {
    endpoints.set(port, [
      {
        address: name,
        port: headless && typeof targetPort === 'number' ? targetPort : port,
        weight: 1,
        locality: unknownLocality,
        labels: {},
        workload: null,
      },
    ]);
  }
  return endpoints;
}

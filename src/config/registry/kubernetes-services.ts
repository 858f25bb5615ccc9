/** Kubernetes Services as services of the registry. */

import { unknownLocality } from '../../model/locality.ts';
import { healthCheckAnnotation } from '../health-check-annotation.ts';
import type { MeshSettings } from '../proxy-settings.ts';
import { originOf, type Resource } from '../resource.ts';
import type { KubernetesServicePort, ServiceSpec } from '../schema/kubernetes.ts';
import { exportToOrDefault } from './export-to.ts';
import { serviceHostName } from './host-names.ts';
import type { EndpointsByPort, KubernetesEndpoints } from './kubernetes-endpoints.ts';
import { kubernetesProtocol } from './protocol.ts';
import { type RegistryEndpoint, type RegistryService, selectorOf } from './service.ts';
import { nearness } from './traffic-distribution.ts';

export type ServiceResource = Resource<'Service', ServiceSpec>;

/** Of a Service, with the entries of a list between commas. */
export const exportToAnnotation = 'networking.istio.io/exportTo';

/** `exportTo` of a Service as it is written; empty where it is not. */
export function writtenExportTo({ metadata }: Resource<'Service', unknown>): readonly string[] {
  const text = metadata.annotations[exportToAnnotation] ?? '';
  return text === '' ? [] : text.split(',').map((entry) => entry.trim());
}

/** A Service of any type but ExternalName. */
export function fromKubernetesService(
  service: ServiceResource,
  endpoints: KubernetesEndpoints,
  mesh: MeshSettings,
): RegistryService {
  const ports = service.spec.ports ?? [];
  const known = endpoints.of(service);
  const headless = service.spec.clusterIP === 'None';
  // Behind a virtual address the service's own port answers, without one the pods' ports do.
  const dnsPort = ({ port, targetPort }: KubernetesServicePort) =>
    headless && typeof targetPort === 'number' ? targetPort : port;
  return {
    ...commonFields(service, ports, mesh),
    // Where nothing tells the endpoints, the DNS of the cluster (or of this machine) may know.
    discovery: known === null ? 'strict-dns' : 'static',
    endpoints:
      known ?? dnsEndpoints(serviceHostName(service.metadata, mesh.domainSuffix), ports, dnsPort),
    addresses: virtualAddresses(service.spec),
    headless,
    external: false,
  };
}

/** An ExternalName without ports is called on any; HTTP clients mean this one. */
const impliedPorts: readonly KubernetesServicePort[] = [{ port: 80, name: 'http' }];

/** A Service of type ExternalName whose target is no service of the registry: resolved by DNS. */
export function fromExternalName(service: ServiceResource, mesh: MeshSettings): RegistryService {
  const { externalName = '', ports: named = [] } = service.spec;
  const ports = named.length === 0 ? impliedPorts : named;
  return {
    ...commonFields(service, ports, mesh),
    discovery: 'strict-dns',
    endpoints: dnsEndpoints(externalName, ports, ({ port }) => port),
    addresses: [],
    headless: false,
    external: true,
  };
}

function commonFields(
  service: ServiceResource,
  ports: readonly KubernetesServicePort[],
  mesh: MeshSettings,
) {
  const { name, namespace, annotations, creationTimestamp } = service.metadata;
  return {
    source: 'Service',
    host: serviceHostName(service.metadata, mesh.domainSuffix),
    name,
    namespace,
    ports: ports.map((port) => ({
      number: port.port,
      name: port.name ?? '',
      protocol: kubernetesProtocol(port),
    })),
    addressRanges: [],
    aliases: [],
    subjectAltNames: [],
    selector: selectorOf(service.spec.selector),
    targetPorts: new Map(
      ports.flatMap(({ port, targetPort = port }): [number, number][] =>
        typeof targetPort === 'number' ? [[port, targetPort]] : [],
      ),
    ),
    healthCheck: annotations[healthCheckAnnotation] ?? null,
    prefersNear: nearness(service.spec.trafficDistribution, annotations),
    exportTo: exportToOrDefault(writtenExportTo(service), mesh.defaultServiceExportTo),
    creationTimestamp,
    origin: originOf(service),
  } as const;
}

function virtualAddresses(service: ServiceSpec): string[] {
  const addresses = new Set([service.clusterIP ?? '', ...(service.clusterIPs ?? [])]);
  return [...addresses].filter((address) => address !== '' && address !== 'None');
}

function dnsEndpoints(
  name: string,
  ports: readonly KubernetesServicePort[],
  portOf: (port: KubernetesServicePort) => number,
): EndpointsByPort {
  return new Map(
    ports.map((port): [number, RegistryEndpoint[]] => [
      port.port,
      [
        {
          address: name,
          port: portOf(port),
          weight: 1,
          locality: unknownLocality,
          labels: {},
          workload: null,
        },
      ],
    ]),
  );
}

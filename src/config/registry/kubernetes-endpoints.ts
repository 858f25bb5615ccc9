/**
 * Endpoints of Kubernetes Services. Workloads that the user placed on this machine win; then
 * EndpointSlices, Endpoints, and last the Pods that the Service selects.
 */

import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { EndpointSliceSpec, EndpointsSpec, ServiceSpec } from '../schema/kubernetes.ts';
import { hasLabels, type RegistryEndpoint, unknownLocality } from './service.ts';
import type { WorkloadIndex, WorkloadInstance } from './workloads.ts';

export type EndpointsByPort = ReadonlyMap<number, readonly RegistryEndpoint[]>;

type ServicePort = NonNullable<ServiceSpec['ports']>[number];
type Slice = Resource<'EndpointSlice', EndpointSliceSpec>;
type SliceEndpoint = NonNullable<EndpointSliceSpec['endpoints']>[number];

interface TargetReference {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

export class KubernetesEndpoints {
  readonly #workloads: WorkloadIndex;
  readonly #slices = new Map<string, Slice[]>();
  readonly #endpoints = new Map<string, EndpointsSpec>();

  constructor(resources: ResourceSet, workloads: WorkloadIndex) {
    this.#workloads = workloads;
    for (const slice of resources.endpointSlices) {
      const service = slice.metadata.labels['kubernetes.io/service-name'];
      if (service === undefined) continue;
      const key = `${slice.metadata.namespace}/${service}`;
      const others = this.#slices.get(key);
      if (others === undefined) this.#slices.set(key, [slice]);
      else others.push(slice);
    }
    for (const { metadata, spec } of resources.endpoints) {
      this.#endpoints.set(`${metadata.namespace}/${metadata.name}`, spec);
    }
  }

  /**
   * null where nothing says which endpoints the service has; an empty list means that it has none.
   */
  of(service: Resource<'Service', ServiceSpec>): EndpointsByPort | null {
    const { name, namespace } = service.metadata;
    const key = `${namespace}/${name}`;
    const selected = this.#selectedBy(service.spec, namespace);
    const placed = selected.filter((workload) => workload.mapped.length > 0);
    if (placed.length > 0) return byPort(service.spec, () => placed.flatMap(mappedEndpoints));
    const slices = this.#slices.get(key);
    if (slices !== undefined) {
      return byPort(service.spec, (port) =>
        slices.flatMap((slice) => this.#fromSlice(slice, port, service.spec)),
      );
    }
    const endpoints = this.#endpoints.get(key);
    if (endpoints !== undefined) {
      return byPort(service.spec, (port) =>
        this.#fromEndpoints(endpoints, port, { namespace, spec: service.spec }),
      );
    }
    const pods = selected.filter((workload) => workload.podIp !== null);
    if (pods.length === 0) return null;
    const unready = service.spec.publishNotReadyAddresses === true;
    return byPort(service.spec, (port) =>
      pods.filter((pod) => pod.ready || unready).flatMap((pod) => podEndpoint(pod, port)),
    );
  }

  #selectedBy(service: ServiceSpec, namespace: string): readonly WorkloadInstance[] {
    const selector = service.selector;
    if (selector === undefined || Object.keys(selector).length === 0) return [];
    const candidates = this.#workloads.byNamespace.get(namespace) ?? [];
    return candidates.filter((workload) => hasLabels(workload.labels, selector));
  }

  #fromSlice(slice: Slice, port: ServicePort, service: ServiceSpec): RegistryEndpoint[] {
    const number = portNumber(slice.spec.ports, port);
    if (number === null) return [];
    const found: RegistryEndpoint[] = [];
    for (const endpoint of slice.spec.endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined) continue;
      if (!isReady(endpoint) && service.publishNotReadyAddresses !== true) continue;
      const target = this.#target(endpoint.targetRef, address, slice.metadata.namespace);
      found.push(registryEndpoint(address, number, target, endpoint.zone));
    }
    return found;
  }

  #fromEndpoints(
    endpoints: EndpointsSpec,
    port: ServicePort,
    service: { readonly namespace: string; readonly spec: ServiceSpec },
  ): RegistryEndpoint[] {
    const found: RegistryEndpoint[] = [];
    for (const subset of endpoints.subsets ?? []) {
      const number = portNumber(subset.ports, port);
      if (number === null) continue;
      const unready =
        service.spec.publishNotReadyAddresses === true ? (subset.notReadyAddresses ?? []) : [];
      for (const address of [...(subset.addresses ?? []), ...unready]) {
        const target = this.#target(address.targetRef, address.ip, service.namespace);
        found.push(registryEndpoint(address.ip, number, target));
      }
    }
    return found;
  }

  #target(
    reference: TargetReference | undefined,
    address: string,
    namespace: string,
  ): WorkloadInstance | undefined {
    if (reference?.kind === 'Pod' && reference.name !== undefined) {
      const pod = this.#workloads.podsByName.get(
        `${reference.namespace ?? namespace}/${reference.name}`,
      );
      if (pod !== undefined) return pod;
    }
    return this.#workloads.podsByIp.get(address);
  }
}

function byPort(
  service: ServiceSpec,
  endpointsOf: (port: ServicePort) => RegistryEndpoint[],
): EndpointsByPort {
  return new Map((service.ports ?? []).map((port) => [port.port, endpointsOf(port)]));
}

/** The port of a slice or subset that has the name of the service's port; `''` where unnamed. */
function portNumber(
  ports: readonly { readonly name?: string; readonly port?: number }[] | undefined,
  port: ServicePort,
): number | null {
  const found = ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''));
  return found?.port ?? null;
}

/** An absent condition means ready, as the Kubernetes API defines it. */
function isReady(endpoint: SliceEndpoint): boolean {
  return endpoint.conditions?.ready !== false;
}

function mappedEndpoints(workload: WorkloadInstance): RegistryEndpoint[] {
  return workload.mapped.map(({ address, port }) => registryEndpoint(address, port, workload));
}

function podEndpoint(pod: WorkloadInstance, port: ServicePort): RegistryEndpoint[] {
  const target = port.targetPort ?? port.port;
  const number = typeof target === 'number' ? target : pod.containerPorts.get(target);
  if (pod.podIp === null || number === undefined) return [];
  return [registryEndpoint(pod.podIp, number, pod)];
}

function registryEndpoint(
  address: string,
  port: number,
  workload: WorkloadInstance | undefined,
  zone?: string,
): RegistryEndpoint {
  const locality = workload?.locality ?? unknownLocality;
  return {
    address,
    port,
    weight: 1,
    locality:
      zone !== undefined && locality.zone === '' ? { region: '', zone, subzone: '' } : locality,
    labels: workload?.labels ?? {},
    workload: workload?.workload ?? null,
  };
}

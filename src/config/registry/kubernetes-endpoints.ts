/**
 * Endpoints of Kubernetes Services. Workloads that the user placed on this machine win; then
 * EndpointSlices, Endpoints, and last the Pods that the Service selects. WorkloadEntries that it
 * selects come beside them.
 */

import { ownValue } from '../../base/own-value.ts';
import { unknownLocality } from '../../model/locality.ts';
import type { SocketAddress } from '../proxy-settings.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { EndpointSliceSpec, EndpointsSpec, ServiceSpec } from '../schema/kubernetes.ts';
import { hasLabels, type RegistryEndpoint, selectorOf } from './service.ts';
import { withTopology } from './topology-labels.ts';
import {
  entryEndpoint,
  hasIpAddress,
  labelsOf,
  type WorkloadEntries,
  type WorkloadEntry,
} from './workload-entries.ts';
import type { WorkloadIndex, WorkloadInstance } from './workloads.ts';

export type EndpointsByPort = ReadonlyMap<number, readonly RegistryEndpoint[]>;

type EndpointsOfPort = (port: ServicePort) => RegistryEndpoint[];
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
  readonly #entries: WorkloadEntries;
  readonly #slices = new Map<string, Slice[]>();
  readonly #endpoints = new Map<string, EndpointsSpec>();

  constructor(resources: ResourceSet, workloads: WorkloadIndex, entries: WorkloadEntries) {
    this.#workloads = workloads;
    this.#entries = entries;
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
    const selected = this.#selectedBy(service.spec, service.metadata.namespace);
    const placed = selected.filter((workload) => workload.mapped.length > 0);
    if (placed.length > 0) return byPort(service.spec, () => placed.flatMap(mappedEndpoints));
    const known = this.#inKubernetes(service, selected);
    const entries = this.#entriesOf(service);
    if (known === null && entries.length === 0) return null;
    return byPort(service.spec, (port) => [
      ...(known?.(port) ?? []),
      ...entries.flatMap((entry) => selectedEntry(entry, port)),
    ]);
  }

  #inKubernetes(
    service: Resource<'Service', ServiceSpec>,
    selected: readonly WorkloadInstance[],
  ): EndpointsOfPort | null {
    const { spec } = service;
    const { name, namespace } = service.metadata;
    const slices = this.#slices.get(`${namespace}/${name}`);
    if (slices !== undefined) {
      return (port) => slices.flatMap((slice) => this.#fromSlice(slice, port, spec));
    }
    const endpoints = this.#endpoints.get(`${namespace}/${name}`);
    if (endpoints !== undefined) {
      return (port) => this.#fromEndpoints(endpoints, port, { namespace, spec });
    }
    const pods = selected.filter((workload) => workload.podIp !== null);
    if (pods.length === 0) return null;
    const unready = spec.publishNotReadyAddresses === true;
    return (port) =>
      pods.filter((pod) => pod.ready || unready).flatMap((pod) => podEndpoint(pod, port));
  }

  #entriesOf({ spec, metadata }: Resource<'Service', ServiceSpec>): WorkloadEntry[] {
    const selector = selectorOf(spec.selector);
    if (selector === null) return [];
    return this.#entries.selectedBy(selector, metadata.namespace).filter(hasIpAddress);
  }

  #selectedBy(service: ServiceSpec, namespace: string): readonly WorkloadInstance[] {
    const selector = selectorOf(service.selector);
    if (selector === null) return [];
    const candidates = this.#workloads.byNamespace.get(namespace) ?? [];
    return candidates.filter((workload) => hasLabels(workload.labels, selector));
  }

  #fromSlice(slice: Slice, port: ServicePort, service: ServiceSpec): RegistryEndpoint[] {
    const number = portNumber(slice.spec.ports, port);
    if (number === null || slice.spec.addressType === 'FQDN') return [];
    const found: RegistryEndpoint[] = [];
    for (const endpoint of slice.spec.endpoints ?? []) {
      if (!isReady(endpoint) && service.publishNotReadyAddresses !== true) continue;
      // Kubernetes lets a client use the first alone; Istio makes an endpoint of each.
      for (const address of endpoint.addresses) {
        const target = this.#target(endpoint.targetRef, address, slice.metadata.namespace);
        found.push(registryEndpoint({ address, port: number }, target, endpoint));
      }
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
        const { ip, nodeName } = address;
        found.push(registryEndpoint({ address: ip, port: number }, target, { nodeName }));
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

function byPort(service: ServiceSpec, endpointsOf: EndpointsOfPort): EndpointsByPort {
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
  return workload.mapped.map((address) => registryEndpoint(address, workload));
}

function podEndpoint(pod: WorkloadInstance, port: ServicePort): RegistryEndpoint[] {
  const target = port.targetPort ?? port.port;
  const number = typeof target === 'number' ? target : pod.containerPorts.get(target);
  if (pod.podIp === null || number === undefined) return [];
  return [registryEndpoint({ address: pod.podIp, port: number }, pod)];
}

/** A port of the entry that is named like the target or the port of the service wins. */
function selectedEntry(entry: WorkloadEntry, port: ServicePort): RegistryEndpoint[] {
  const { targetPort } = port;
  const name = typeof targetPort === 'string' ? targetPort : (port.name ?? '');
  const named = ownValue(entry.spec.ports ?? {}, name) ?? 0;
  if (named === 0 && typeof targetPort === 'string') return [];
  const number = typeof targetPort === 'number' && targetPort > 0 ? targetPort : port.port;
  const found = entryEndpoint(entry.spec, {
    port: named > 0 ? named : number,
    labels: labelsOf(entry),
    owner: entry.metadata,
  });
  return found === null ? [] : [found];
}

function registryEndpoint(
  { address, port }: SocketAddress,
  workload: WorkloadInstance | undefined,
  place: { readonly zone?: string | undefined; readonly nodeName?: string | undefined } = {},
): RegistryEndpoint {
  const known = workload?.locality ?? unknownLocality;
  const zone = place.zone ?? '';
  const locality = zone !== '' && known.zone === '' ? { region: '', zone, subzone: '' } : known;
  const node = place.nodeName ?? workload?.node;
  return {
    address,
    port,
    weight: 1,
    locality,
    labels: withTopology(workload?.labels ?? {}, { locality, node }),
    workload: workload?.workload ?? null,
  };
}

/**
 * Everything that may stand behind a service: Pods with an address, and Deployments, StatefulSets
 * and Pods which the `workloads` map places on this machine.
 */

import type { Workload } from '../../model/endpoint.ts';
import { type Locality, unknownLocality } from '../../model/locality.ts';
import type { SocketAddress } from '../proxy-settings.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { PodControllerSpec, PodSpec } from '../schema/kubernetes.ts';
import { parseLocality } from './service.ts';

export interface WorkloadInstance {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Where the user says that it listens; such a workload serves every port of its services there.
   */
  readonly mapped: readonly SocketAddress[];
  /** Address of a running Pod; null for others. */
  readonly podIp: string | null;
  readonly ready: boolean;
  readonly containerPorts: ReadonlyMap<string, number>;
  readonly locality: Locality;
  /** Kubernetes node; empty: unknown. */
  readonly node: string;
  readonly workload: Workload;
}

export interface WorkloadIndex {
  /** Workloads that can be endpoints, by namespace. */
  readonly byNamespace: ReadonlyMap<string, readonly WorkloadInstance[]>;
  /** Pods by `namespace/name`, for the labels of an EndpointSlice's targets. */
  readonly podsByName: ReadonlyMap<string, WorkloadInstance>;
  /** Pods by address, for endpoints that name no target. */
  readonly podsByIp: ReadonlyMap<string, WorkloadInstance>;
  /** Names in the map that no resource has. */
  readonly unknownNames: readonly string[];
}

type AddressMap = ReadonlyMap<string, readonly SocketAddress[]>;

export function indexWorkloads(resources: ResourceSet, addresses: AddressMap): WorkloadIndex {
  const byNamespace = new Map<string, WorkloadInstance[]>();
  const podsByName = new Map<string, WorkloadInstance>();
  const podsByIp = new Map<string, WorkloadInstance>();
  const used = new Set<string>();
  const add = (instance: WorkloadInstance) => {
    const others = byNamespace.get(instance.namespace);
    if (others === undefined) byNamespace.set(instance.namespace, [instance]);
    else others.push(instance);
  };
  for (const controller of [...resources.deployments, ...resources.statefulSets]) {
    const mapped = addresses.get(controller.metadata.name);
    if (mapped === undefined) continue;
    used.add(controller.metadata.name);
    add(controllerInstance(controller, mapped));
  }
  for (const pod of resources.pods) {
    const mapped = addresses.get(pod.metadata.name) ?? [];
    if (mapped.length > 0) used.add(pod.metadata.name);
    const instance = podInstance(pod, mapped);
    add(instance);
    podsByName.set(`${instance.namespace}/${pod.metadata.name}`, instance);
    if (instance.podIp !== null) podsByIp.set(instance.podIp, instance);
  }
  const unknownNames = [...addresses.keys()].filter((name) => !used.has(name));
  return { byNamespace, podsByName, podsByIp, unknownNames };
}

function controllerInstance(
  controller: Resource<string, PodControllerSpec>,
  mapped: readonly SocketAddress[],
): WorkloadInstance {
  const labels = controller.spec.template?.metadata?.labels ?? {};
  const { name, namespace } = controller.metadata;
  return {
    namespace,
    labels,
    mapped,
    podIp: null,
    ready: true,
    containerPorts: containerPorts(controller.spec.template?.spec),
    locality: localityOf(labels),
    node: '',
    workload: describeWorkload(name, namespace, labels),
  };
}

function podInstance(
  pod: Resource<'Pod', PodSpec>,
  mapped: readonly SocketAddress[],
): WorkloadInstance {
  const { name, namespace, labels } = pod.metadata;
  const status = readPodStatus(pod.status);
  return {
    namespace,
    labels,
    mapped,
    podIp: status.podIp,
    ready: status.ready,
    containerPorts: containerPorts(pod.spec),
    locality: localityOf(labels),
    node: pod.spec.nodeName ?? '',
    workload: describeWorkload(controllerName(name, labels), namespace, labels),
  };
}

/** Names a workload for metrics, with Istio's order of the labels for canonical names. */
export function describeWorkload(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Workload {
  return {
    name,
    namespace,
    app: labels['app'] ?? 'unknown',
    version: labels['version'] ?? 'unknown',
    canonicalName:
      labels['service.istio.io/canonical-name'] ??
      labels['app.kubernetes.io/name'] ??
      labels['app'] ??
      name,
    canonicalRevision:
      labels['service.istio.io/canonical-revision'] ??
      labels['app.kubernetes.io/version'] ??
      labels['version'] ??
      'latest',
  };
}

/** A Pod of a Deployment is named `NAME-HASH-RANDOM`, and labelled with the hash. */
function controllerName(pod: string, labels: Readonly<Record<string, string>>): string {
  const hash = labels['pod-template-hash'];
  if (hash === undefined) return pod;
  const end = pod.indexOf(`-${hash}-`);
  return end <= 0 ? pod : pod.slice(0, end);
}

/** Label `istio-locality`, where dots stand for the slashes that a label cannot have. */
export function localityOf(labels: Readonly<Record<string, string>>): Locality {
  const text = labels['istio-locality'];
  if (text === undefined) return unknownLocality;
  return parseLocality(text.includes('/') ? text : text.replaceAll('.', '/'));
}

function containerPorts(spec: PodSpec | undefined): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const container of spec?.containers ?? []) {
    for (const port of container.ports ?? []) {
      if (port.name !== undefined) ports.set(port.name, port.containerPort);
    }
  }
  return ports;
}

/** `status` has no schema: it is written by Kubernetes, and only these two fields are of use. */
function readPodStatus(status: unknown): { podIp: string | null; ready: boolean } {
  const podIp = fieldOf(status, 'podIP');
  const phase = fieldOf(status, 'phase');
  const conditions = fieldOf(status, 'conditions');
  const notReady =
    Array.isArray(conditions) &&
    conditions.some(
      (condition) =>
        fieldOf(condition, 'type') === 'Ready' && fieldOf(condition, 'status') !== 'True',
    );
  const over = phase === 'Succeeded' || phase === 'Failed';
  return {
    podIp: typeof podIp === 'string' && podIp !== '' ? podIp : null,
    ready: !notReady && !over,
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

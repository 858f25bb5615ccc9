/** ServiceEntries, with the WorkloadEntries and Pods they select, as services of the registry. */

import type { ClusterDiscovery } from '../../model/cluster.ts';
import { healthCheckAnnotation } from '../health-check-annotation.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { originOf, type Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { ServiceEntrySpec, ServicePort } from '../schema/service-entry.ts';
import type { WorkloadEntrySpec } from '../schema/shared.ts';
import { exportToOrDefault } from './export-to.ts';
import { isWildcardHost } from './host-names.ts';
import { parseProtocol } from './protocol.ts';
import {
  hasLabels,
  parseLocality,
  type RegistryEndpoint,
  type RegistryService,
  unknownLocality,
} from './service.ts';
import { describeWorkload, type WorkloadIndex, type WorkloadInstance } from './workloads.ts';

type ServiceEntry = Resource<'ServiceEntry', ServiceEntrySpec>;
type WorkloadEntry = Resource<'WorkloadEntry', WorkloadEntrySpec>;

interface Sources {
  readonly resources: ResourceSet;
  readonly workloads: WorkloadIndex;
  readonly mesh: ProxySettings['mesh'];
}

/** One service for each host of each ServiceEntry. */
export function fromServiceEntries(sources: Sources): RegistryService[] {
  const entries = new Map<string, WorkloadEntry[]>();
  for (const entry of sources.resources.workloadEntries) {
    const others = entries.get(entry.metadata.namespace);
    if (others === undefined) entries.set(entry.metadata.namespace, [entry]);
    else others.push(entry);
  }
  return sources.resources.serviceEntries.flatMap((entry) => {
    const selected = selectedEndpoints(entry, {
      entries: entries.get(entry.metadata.namespace) ?? [],
      instances: sources.workloads.byNamespace.get(entry.metadata.namespace) ?? [],
    });
    return entry.spec.hosts.map((host, index) => {
      const path = ['spec', 'hosts', index];
      return toService(entry, { host, path, selected, mesh: sources.mesh });
    });
  });
}

type EndpointsOfPort = (port: ServicePort) => RegistryEndpoint[];

interface HostOptions {
  readonly host: string;
  readonly path: readonly (string | number)[];
  readonly selected: EndpointsOfPort;
  readonly mesh: ProxySettings['mesh'];
}

function toService(entry: ServiceEntry, options: HostOptions): RegistryService {
  const { spec, metadata } = entry;
  const ports = (spec.ports ?? []).filter((port) => (port.number ?? 0) > 0);
  const discovery = discoveryOf(spec, options.host);
  const endpoints = new Map<number, RegistryEndpoint[]>();
  for (const port of ports) {
    const found = discovery === 'original-dst' ? [] : options.selected(port);
    const byName = found.length === 0 && isResolvedByName(discovery, spec);
    endpoints.set(port.number ?? 0, byName ? [namedEndpoint(options.host, port)] : found);
  }
  return {
    source: 'ServiceEntry',
    host: options.host,
    name: options.host,
    namespace: metadata.namespace,
    ports: ports.map((port) => ({
      number: port.number ?? 0,
      name: port.name ?? '',
      protocol: parseProtocol(port.protocol),
    })),
    endpoints,
    discovery,
    addresses: (spec.addresses ?? []).filter((address) => !address.includes('/')),
    headless: false,
    aliases: [],
    external: false,
    prefersClose: false,
    healthCheck: metadata.annotations[healthCheckAnnotation] ?? null,
    selector: spec.workloadSelector?.labels ?? null,
    targetPorts: new Map(
      ports.map((port) => [port.number ?? 0, port.targetPort ?? port.number ?? 0]),
    ),
    exportTo: exportToOrDefault(spec.exportTo, options.mesh.defaultServiceExportTo),
    creationTimestamp: metadata.creationTimestamp,
    origin: originOf(entry, options.path),
  };
}

function discoveryOf(spec: ServiceEntrySpec, host: string): ClusterDiscovery {
  switch (spec.resolution) {
    case 'STATIC':
      return 'static';
    case 'DNS':
      return 'strict-dns';
    case 'DNS_ROUND_ROBIN':
      return 'logical-dns';
    case 'DYNAMIC_DNS':
      // Whatever name under the wildcard was asked for is resolved when it is asked for.
      return isWildcardHost(host) ? 'original-dst' : 'strict-dns';
    default:
      return 'original-dst';
  }
}

/** DNS without endpoints resolves the host itself. */
function isResolvedByName(discovery: ClusterDiscovery, spec: ServiceEntrySpec): boolean {
  if (discovery !== 'strict-dns' && discovery !== 'logical-dns') return false;
  return spec.workloadSelector === undefined && (spec.endpoints ?? []).length === 0;
}

function namedEndpoint(host: string, port: ServicePort): RegistryEndpoint {
  return {
    address: host,
    port: port.targetPort ?? port.number ?? 0,
    weight: 1,
    locality: unknownLocality,
    labels: {},
    workload: null,
  };
}

interface Candidates {
  readonly entries: readonly WorkloadEntry[];
  readonly instances: readonly WorkloadInstance[];
}

function selectedEndpoints(entry: ServiceEntry, candidates: Candidates): EndpointsOfPort {
  const { spec, metadata } = entry;
  const selector = spec.workloadSelector?.labels;
  if (selector === undefined) {
    return (port) =>
      (spec.endpoints ?? []).flatMap((endpoint) =>
        workloadEndpoint(endpoint, port, { name: metadata.name, namespace: metadata.namespace }),
      );
  }
  const entries = candidates.entries.filter(({ spec: workload, metadata: { labels } }) =>
    hasLabels({ ...labels, ...workload.labels }, selector),
  );
  const pods = candidates.instances.filter((instance) => hasLabels(instance.labels, selector));
  return (port) => [
    ...entries.flatMap((workload) => workloadEndpoint(workload.spec, port, workload.metadata)),
    ...pods.flatMap((pod) => podEndpoints(pod, port)),
  ];
}

function workloadEndpoint(
  endpoint: WorkloadEntrySpec,
  port: ServicePort,
  owner: { readonly name: string; readonly namespace: string },
): RegistryEndpoint[] {
  const address = endpoint.address ?? '';
  if (address === '' || address.startsWith('unix:')) return [];
  const labels = endpoint.labels ?? {};
  return [
    {
      address,
      port: endpoint.ports?.[port.name ?? ''] ?? port.targetPort ?? port.number ?? 0,
      weight: endpoint.weight === undefined || endpoint.weight === 0 ? 1 : endpoint.weight,
      locality: parseLocality(endpoint.locality),
      labels,
      workload: describeWorkload(owner.name, owner.namespace, labels),
    },
  ];
}

function podEndpoints(pod: WorkloadInstance, port: ServicePort): RegistryEndpoint[] {
  const common = { weight: 1, locality: pod.locality, labels: pod.labels, workload: pod.workload };
  if (pod.mapped.length > 0) return pod.mapped.map((address) => ({ ...address, ...common }));
  if (pod.podIp === null || !pod.ready) return [];
  return [{ address: pod.podIp, port: port.targetPort ?? port.number ?? 0, ...common }];
}

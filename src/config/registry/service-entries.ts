/** ServiceEntries, with the WorkloadEntries and Pods they select, as services of the registry. */

import { ownValue } from '../../base/own-value.ts';
import type { ClusterDiscovery } from '../../model/cluster.ts';
import { unknownLocality } from '../../model/locality.ts';
import { healthCheckAnnotation } from '../health-check-annotation.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { originOf, type Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { ServiceEntrySpec, ServicePort } from '../schema/service-entry.ts';
import type { WorkloadEntrySpec } from '../schema/shared.ts';
import { exportToOrDefault } from './export-to.ts';
import { isWildcardHost } from './host-names.ts';
import { parseProtocol } from './protocol.ts';
import { hasLabels, type RegistryEndpoint, type RegistryService, selectorOf } from './service.ts';
import { withTopology } from './topology-labels.ts';
import { nearness } from './traffic-distribution.ts';
import { entryEndpoint, hasIpAddress, labelsOf, type WorkloadEntries } from './workload-entries.ts';
import type { WorkloadIndex, WorkloadInstance } from './workloads.ts';

type ServiceEntry = Resource<'ServiceEntry', ServiceEntrySpec>;

interface Sources {
  readonly resources: ResourceSet;
  readonly workloads: WorkloadIndex;
  readonly entries: WorkloadEntries;
  readonly settings: ProxySettings;
}

/** One service for each host of each ServiceEntry. */
export function fromServiceEntries(sources: Sources): RegistryService[] {
  return sources.resources.serviceEntries.flatMap((entry) => {
    const selected = selectedEndpoints(entry, sources);
    return entry.spec.hosts.map((host, index) => {
      const path = ['spec', 'hosts', index];
      return toService(entry, { host, path, selected, settings: sources.settings });
    });
  });
}

type EndpointsOfPort = (port: ServicePort) => RegistryEndpoint[];

interface HostOptions {
  readonly host: string;
  readonly path: readonly (string | number)[];
  readonly selected: EndpointsOfPort;
  readonly settings: ProxySettings;
}

function toService(entry: ServiceEntry, options: HostOptions): RegistryService {
  const { spec, metadata } = entry;
  const ports = (spec.ports ?? []).filter((port) => (port.number ?? 0) > 0);
  const discovery = discoveryOf(spec, options);
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
    ...virtualAddresses(spec.addresses ?? []),
    headless: false,
    aliases: [],
    external: false,
    prefersNear: nearness(undefined, metadata.annotations),
    healthCheck: metadata.annotations[healthCheckAnnotation] ?? null,
    subjectAltNames: spec.subjectAltNames ?? [],
    selector: selectorOf(spec.workloadSelector?.labels),
    targetPorts: new Map(
      ports.map((port) => [port.number ?? 0, port.targetPort ?? port.number ?? 0]),
    ),
    exportTo: exportToOrDefault(spec.exportTo, options.settings.mesh.defaultServiceExportTo),
    creationTimestamp: metadata.creationTimestamp,
    origin: originOf(entry, options.path),
  };
}

/** A range is no name that a client can use, unless it has one address. */
function virtualAddresses(written: readonly string[]) {
  const addresses: string[] = [];
  const addressRanges: string[] = [];
  for (const text of written) {
    const [address = '', bits] = text.split('/');
    const isSingle = bits === undefined || bits === (address.includes(':') ? '128' : '32');
    if (isSingle) addresses.push(address);
    else addressRanges.push(text);
  }
  return { addresses, addressRanges };
}

function discoveryOf(
  spec: ServiceEntrySpec,
  { host, settings }: Pick<HostOptions, 'host' | 'settings'>,
): ClusterDiscovery {
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
      // A gateway has no destination of the client's to go to: it knows `endpoints` or nothing.
      return settings.outbound.length === 0 ? 'static' : 'original-dst';
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

function selectedEndpoints(entry: ServiceEntry, sources: Sources): EndpointsOfPort {
  const { spec, metadata } = entry;
  const { namespace, name } = metadata;
  if (spec.workloadSelector === undefined) {
    return (port) =>
      (spec.endpoints ?? []).flatMap((endpoint) => {
        const options = { labels: endpoint.labels ?? {}, owner: { name, namespace } };
        return entryEndpoint(endpoint, { port: portOf(endpoint, port), ...options }) ?? [];
      });
  }
  const selector = selectorOf(spec.workloadSelector.labels);
  if (selector === null) return () => [];
  const byName = spec.resolution === 'DNS' || spec.resolution === 'DNS_ROUND_ROBIN';
  const entries = sources.entries
    .selectedBy(selector, namespace)
    .filter((workload) => byName || hasIpAddress(workload));
  const instances = sources.workloads.byNamespace.get(namespace) ?? [];
  const pods = instances.filter((instance) => hasLabels(instance.labels, selector));
  return (port) => [
    ...entries.flatMap((workload) => {
      const options = { labels: labelsOf(workload), owner: workload.metadata };
      return entryEndpoint(workload.spec, { port: portOf(workload.spec, port), ...options }) ?? [];
    }),
    ...pods.flatMap((pod) => podEndpoints(pod, port)),
  ];
}

function portOf(endpoint: WorkloadEntrySpec, port: ServicePort): number {
  const named = ownValue(endpoint.ports ?? {}, port.name ?? '') ?? 0;
  return named > 0 ? named : (port.targetPort ?? port.number ?? 0);
}

function podEndpoints(pod: WorkloadInstance, port: ServicePort): RegistryEndpoint[] {
  const { locality, workload } = pod;
  const labels = withTopology(pod.labels, pod);
  const common = { weight: 1, locality, labels, workload };
  if (pod.mapped.length > 0) return pod.mapped.map((address) => ({ ...address, ...common }));
  if (pod.podIp === null || !pod.ready) return [];
  return [{ address: pod.podIp, port: port.targetPort ?? port.number ?? 0, ...common }];
}

/** WorkloadEntries: workloads that services select by labels, as they select Pods. */

import { isIP } from 'node:net';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { WorkloadEntrySpec } from '../schema/shared.ts';
import { hasLabels, parseLocality, type RegistryEndpoint } from './service.ts';
import { type Labels, withTopology } from './topology-labels.ts';
import { describeWorkload, localityOf } from './workloads.ts';

export type WorkloadEntry = Resource<'WorkloadEntry', WorkloadEntrySpec>;

export class WorkloadEntries {
  readonly #byNamespace = new Map<string, WorkloadEntry[]>();

  constructor(resources: ResourceSet) {
    for (const entry of resources.workloadEntries) {
      const others = this.#byNamespace.get(entry.metadata.namespace);
      if (others === undefined) this.#byNamespace.set(entry.metadata.namespace, [entry]);
      else others.push(entry);
    }
  }

  selectedBy(selector: Labels, namespace: string): WorkloadEntry[] {
    const entries = this.#byNamespace.get(namespace) ?? [];
    return entries.filter((entry) => hasLabels(labelsOf(entry), selector));
  }
}

/** Labels of the object win over those in its spec. */
export function labelsOf({ spec, metadata }: WorkloadEntry): Labels {
  return { ...spec.labels, ...metadata.labels };
}

/** Only endpoints that are looked up by name may have one for an address. */
export function hasIpAddress({ spec }: WorkloadEntry): boolean {
  return isIP(spec.address ?? '') !== 0;
}

interface EndpointOptions {
  readonly port: number;
  readonly labels: Labels;
  /** The resource that says so. */
  readonly owner: { readonly name: string; readonly namespace: string };
}

/** null for what cannot be connected to: no address, or a socket of the file system. */
export function entryEndpoint(
  entry: WorkloadEntrySpec,
  { port, labels, owner }: EndpointOptions,
): RegistryEndpoint | null {
  const address = entry.address ?? '';
  if (address === '' || address.startsWith('unix:')) return null;
  const written = entry.locality ?? '';
  const locality = written === '' ? localityOf(labels) : parseLocality(written);
  return {
    address,
    port,
    weight: entry.weight === undefined || entry.weight === 0 ? 1 : entry.weight,
    locality,
    labels: withTopology(labels, { locality, network: entry.network }),
    workload: describeWorkload(owner.name, owner.namespace, labels),
  };
}

/** Namespaces that something is in, or that are there for themselves. */

import type { ProxySettings } from '../proxy-settings.ts';
import type { ReadResources } from '../read-resources.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';

export function knownNamespaces(
  resources: ResourceSet | ReadResources,
  { identity, mesh }: ProxySettings,
): Set<string> {
  const known = new Set([identity.namespace, mesh.rootNamespace]);
  const lists = Object.values(resources) as readonly (readonly Resource<string, unknown>[])[];
  for (const list of lists) {
    for (const { kind, metadata } of list) {
      known.add(kind === 'Namespace' ? metadata.name : metadata.namespace);
    }
  }
  return known;
}

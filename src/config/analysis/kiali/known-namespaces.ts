/** Namespaces that something is in. */

import type { ReadResources } from '../../read-resources.ts';
import type { Resource } from '../../resource.ts';
import type { AnalysisContext } from '../analyzer.ts';

export function knownNamespaces({ read, settings }: AnalysisContext): Set<string> {
  const known = new Set([settings.identity.namespace, settings.mesh.rootNamespace]);
  const lists = Object.values(read) as readonly ReadResources['others'][];
  for (const list of lists) {
    for (const { kind, metadata } of list as readonly Resource<string, unknown>[]) {
      known.add(kind === 'Namespace' ? metadata.name : metadata.namespace);
    }
  }
  return known;
}

/** Namespaces that the egress hosts of a Sidecar name and no resource is in. */

import { knownNamespaces } from '../../registry/known-namespaces.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';

export function reportNamespaces(scope: Scope, resources: ResourceSet): void {
  if (resources.sidecars.length === 0) return;
  const known = knownNamespaces(resources, scope.settings);
  for (const resource of resources.sidecars) {
    for (const [index, { hosts = [] }] of (resource.spec.egress ?? []).entries()) {
      for (const [position, host] of hosts.entries()) {
        const namespace = namespaceOf(host);
        if (namespace === null || known.has(namespace)) continue;
        const near = nearestName(namespace, [...known]);
        scope.findings.add(
          translationCode.unknownNamespace,
          { resource, path: ['spec', 'egress', index, 'hosts', position] },
          {
            message: `no resource is in the namespace ${namespace}; "${host}" imports nothing`,
            hint: near === null ? null : `did you mean "${near}"?`,
          },
        );
      }
    }
  }
}

/** null where it names none: any, the client's own, nothing at all, or one that is left out. */
function namespaceOf(host: string): string | null {
  const slash = host.indexOf('/');
  if (slash <= 0 || host.startsWith('~')) return null;
  const namespace = host.slice(0, slash);
  return namespace === '*' || namespace === '.' ? null : namespace;
}

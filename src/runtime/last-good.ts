/**
 * Keeps the last good version of resources that a reload breaks: a bad resource does not take what
 * works away, everything else is applied.
 */

import type { LoadedResources } from '../config/parse/load.ts';
import type { Resource } from '../config/resource.ts';
import { emptyResourceSet, type ResourceSet } from '../config/resource-set.ts';

type AnyResource = Resource<string, unknown>;
type Kinds = Record<keyof ResourceSet, readonly AnyResource[]>;

/**
 * `next` with those resources of `previous` that are broken now: refused ones, and all that came
 * from a file of which a part could not even be read.
 */
export function keepLastGood(previous: ResourceSet | null, next: LoadedResources): ResourceSet {
  const unreadable = next.findings.filter((f) => f.severity === 'error' && f.resource === '');
  if (previous === null || next.refused.length + unreadable.length === 0) return next.resources;
  const refused = new Set(next.refused.map((r) => keyOf(r.kind, r.namespace, r.name)));
  const files = new Set(unreadable.map((finding) => finding.file));
  const merged = { ...emptyResourceSet() } as Kinds;
  for (const kind of Object.keys(merged) as (keyof ResourceSet)[]) {
    const present = new Set(next.resources[kind].map(keyOfResource));
    const kept = previous[kind].filter((resource) => {
      const key = keyOfResource(resource);
      return !present.has(key) && (refused.has(key) || files.has(resource.file));
    });
    merged[kind] = [...next.resources[kind], ...kept];
  }
  return merged as ResourceSet;
}

function keyOfResource(resource: AnyResource): string {
  return keyOf(resource.kind, resource.metadata.namespace, resource.metadata.name);
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** What became of each resource of a load, for people to look at. */

import type { Finding } from '../config/finding.ts';
import type { LoadedResources } from '../config/parse/load.ts';
import { type Resource, resourceLabel } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';

export interface LoadedResource {
  readonly kind: string;
  /** Empty for kinds without. */
  readonly namespace: string;
  readonly name: string;
  /** Empty where no finding says which file a refused one is in. */
  readonly file: string;
  /** Where it begins, from 1; 0 if it is not known. */
  readonly line: number;
  /** `kept` has an error, and its last good version serves; `rejected` has one, and none serves. */
  readonly status: 'accepted' | 'rejected' | 'kept';
}

/** Labels, as `LoadOutcome` lists them. */
export interface Broken {
  readonly rejected: readonly string[];
  readonly kept: readonly string[];
}

/** By file and line. `used`: those of `read`, and the last good versions of others. */
export function describeResources(
  used: ResourceSet,
  read: LoadedResources,
  broken: Broken,
): readonly LoadedResource[] {
  const kept = new Set(broken.kept);
  const rejected = new Set(broken.rejected);
  const lists = Object.values(used) as readonly (readonly Resource<string, unknown>[])[];
  const described = new Map<string, LoadedResource>();
  for (const resource of lists.flat()) {
    const { kind, metadata, file } = resource;
    const { namespace, name } = metadata;
    const label = resourceLabel(kind, namespace, name);
    const status = kept.has(label) ? 'kept' : rejected.has(label) ? 'rejected' : 'accepted';
    const { line } = resource.positionOf([]);
    described.set(label, { kind, namespace, name, file, line, status });
  }
  for (const { kind, namespace, name } of read.refused) {
    const label = resourceLabel(kind, namespace, name);
    if (described.has(label)) continue;
    const place = placeOf(label, read.findings);
    described.set(label, { kind, namespace, name, ...place, status: 'rejected' });
  }
  return [...described.values()].sort(byPlace);
}

/** Where it is refused is close to where it begins. */
function placeOf(label: string, findings: readonly Finding[]): { file: string; line: number } {
  const finding = findings.find(
    ({ resource, severity }) => resource === label && severity === 'error',
  );
  return { file: finding?.file ?? '', line: finding?.line ?? 0 };
}

function byPlace(a: LoadedResource, b: LoadedResource): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line;
}

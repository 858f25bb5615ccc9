/**
 * Keeps the last good version of resources that a reload breaks: a bad resource does not take what
 * works away, everything else is applied.
 */

import { normalize, sep } from 'node:path';
import type { Finding } from '../config/finding.ts';
import type { LoadedResources } from '../config/parse/load.ts';
import type { Resource } from '../config/resource.ts';
import { emptyResourceSet, type ResourceSet } from '../config/resource-set.ts';

type AnyResource = Resource<string, unknown>;
type Kinds = Record<keyof ResourceSet, readonly AnyResource[]>;

/**
 * `next` with those resources of `previous` that are broken now, each in its old place: refused
 * ones, and all that came from a file or folder of which a part could not even be read.
 */
export function keepLastGood(
  previous: ResourceSet | null,
  next: LoadedResources,
  sourceFindings: readonly Finding[] = [],
): ResourceSet {
  const unreadable = [...sourceFindings, ...next.findings].filter(isWithoutResource);
  if (previous === null || next.refused.length + unreadable.length === 0) return next.resources;
  const refused = new Set(next.refused.map((r) => keyOf(r.kind, r.namespace, r.name)));
  const paths = new Set(unreadable.map(({ file }) => normalize(file)));
  const isBroken = (resource: AnyResource) =>
    refused.has(keyOfResource(resource)) || isBelow(resource.file, paths);
  const merged = { ...emptyResourceSet() } as Kinds;
  for (const kind of Object.keys(merged) as (keyof ResourceSet)[]) {
    merged[kind] = keepInPlace(previous[kind], next.resources[kind], isBroken);
  }
  return merged as ResourceSet;
}

/** So is an error of a file or a document: what was in it is not known. */
export function isWithoutResource({ severity, resource }: Finding): boolean {
  return severity === 'error' && resource === '';
}

function isBelow(file: string, paths: ReadonlySet<string>): boolean {
  const normal = normalize(file);
  if (paths.has(normal)) return true;
  for (let end = normal.lastIndexOf(sep); end > 0; end = normal.lastIndexOf(sep, end - 1)) {
    if (paths.has(normal.slice(0, end)) || paths.has(normal.slice(0, end + 1))) return true;
  }
  return false;
}

/** The order counts: of several Bootstraps the last is used, and of several hosts the first. */
function keepInPlace(
  previous: readonly AnyResource[],
  next: readonly AnyResource[],
  isBroken: (resource: AnyResource) => boolean,
): readonly AnyResource[] {
  const present = new Set(next.map(keyOfResource));
  const first: AnyResource[] = [];
  const keptAfter = new Map<string, AnyResource[]>();
  let kept = first;
  for (const resource of previous) {
    const key = keyOfResource(resource);
    if (present.has(key)) {
      kept = [];
      keptAfter.set(key, kept);
    } else if (isBroken(resource)) kept.push(resource);
  }
  return [...first, ...next.flatMap((r) => [r, ...(keptAfter.get(keyOfResource(r)) ?? [])])];
}

function keyOfResource(resource: AnyResource): string {
  return keyOf(resource.kind, resource.metadata.namespace, resource.metadata.name);
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

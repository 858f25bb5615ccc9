/** Names of resources as Istio's analyzers write and compare them. */

import type { Resource } from '../../resource.ts';

/** `namespace/name`. */
export function fullName({ metadata }: Resource<string, unknown>): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** A name that stands in a resource of `namespace`. */
export function completeName(name: string, namespace: string): string {
  return name.includes('/') ? name : `${namespace}/${name}`;
}

/** The namespaces that `exportTo` names; `*` stands for all of them. */
export function exportScopes(
  exportTo: readonly string[] | undefined,
  namespace: string,
): ReadonlySet<string> {
  if (exportTo === undefined || exportTo.length === 0 || exportTo.includes('*')) {
    return new Set(['*']);
  }
  return new Set(exportTo.map((entry) => (entry === '.' ? namespace : entry)));
}

/** Which namespaces see a resource (Istio `exportTo`). */

export interface Visibility {
  /** `.`, `*`, `~` (nobody) or names of namespaces. */
  readonly exportTo: readonly string[];
  /** The namespace of the resource. */
  readonly namespace: string;
}

export function isVisibleIn(namespace: string, resource: Visibility): boolean {
  for (const target of resource.exportTo) {
    if (target === '*' || target === namespace) return true;
    if (target === '.' && resource.namespace === namespace) return true;
  }
  return false;
}

/** The list as written, or the default of the mesh where it is absent or empty. */
export function exportToOrDefault(
  exportTo: readonly string[] | undefined,
  fallback: readonly string[],
): readonly string[] {
  return exportTo === undefined || exportTo.length === 0 ? fallback : exportTo;
}

/** Which namespaces see a resource (Istio `exportTo`). */

export interface Visibility {
  /** `.`, `*`, `~` (nobody) or names of namespaces. */
  readonly exportTo: readonly string[];
  /** The namespace of the resource. */
  readonly namespace: string;
}

export function isVisibleIn(namespace: string, resource: Visibility): boolean {
  const { exportTo } = resource;
  if (exportTo.includes('*')) return true;
  // Nobody sees it then, whatever else the list has.
  if (exportTo.includes('~')) return false;
  const isOwn = resource.namespace === namespace;
  return exportTo.includes(namespace) || (isOwn && exportTo.includes('.'));
}

/**
 * Istio looks first at what a namespace keeps for itself (0), then at what was exported to it by
 * name (1), last at what everybody sees (2).
 */
export function visibilityRank(namespace: string, resource: Visibility): 0 | 1 | 2 {
  if (resource.exportTo.includes('*')) return 2;
  return resource.namespace === namespace ? 0 : 1;
}

/**
 * The list as written, or the default of the mesh where it is absent or empty. Of a default only
 * `.` and `*` count.
 */
export function exportToOrDefault(
  exportTo: readonly string[] | undefined,
  fallback: readonly string[],
): readonly string[] {
  if (exportTo !== undefined && exportTo.length > 0) return exportTo;
  if (fallback.includes('.')) return ['.'];
  return fallback.includes('*') ? ['*'] : [];
}

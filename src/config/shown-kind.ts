/** Kinds as people know them. */

/** As files write the kind: that of the Gateway API is called Gateway too. */
export function shownKind(kind: string): string {
  return kind === 'KubernetesGateway' ? 'Gateway' : kind;
}

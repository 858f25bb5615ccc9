/** Status conditions as the Gateway API specifies them. */

/** A Condition of Kubernetes without its times. */
export interface Condition {
  /** `Accepted`, `Programmed`, `ResolvedRefs`, `Conflicted`, … */
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Conditions of a part: a listener of a Gateway, or a parent of a route. */
export interface PartStatus {
  /** Name of the listener; `namespace/name` of the parent, with `:port` and `/section` it names. */
  readonly name: string;
  /** Routes that are attached to the listener; null for a parent. */
  readonly attachedRoutes: number | null;
  /** Kinds of routes that may attach to the listener; absent for a parent. */
  readonly supportedKinds?: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface ResourceStatus {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the whole resource; empty for routes, which have conditions for each parent only. */
  readonly conditions: readonly Condition[];
  readonly parts: readonly PartStatus[];
}

/** Changes to a header block: removals first, then `set`, then `add`, each in listed order. */

export interface HeaderMutation {
  /** Replaces all lines of that name. Values may hold Envoy format commands such as `%REQ(:authority)%`. */
  readonly set: readonly HeaderValue[];
  /** Adds a further line. */
  readonly add: readonly HeaderValue[];
  readonly remove: readonly string[];
}

export interface HeaderValue {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

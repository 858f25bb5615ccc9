/** What a route asks of a request. All conditions of one match must hold. */

/** How one string is compared. Regexes are RE2 syntax and must match the whole value. */
export type StringMatch =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'prefix'; readonly value: string }
  | { readonly kind: 'suffix'; readonly value: string }
  | { readonly kind: 'regex'; readonly value: string }
  | { readonly kind: 'present' };

/** Compared with the path without its query. */
export interface PathMatch {
  /** `prefix` is a plain string prefix; `path-separated-prefix` stops at a `/` (Ingress, Gateway API). */
  readonly kind: 'prefix' | 'exact' | 'regex' | 'path-separated-prefix';
  readonly value: string;
  /** Istio ignoreUriCase; has no effect on `regex`. */
  readonly ignoreCase: boolean;
}

export interface HeaderMatch {
  /** Lower case; `:method`, `:authority`, `:scheme` and `:path` (with query) name parts of the request line. */
  readonly name: string;
  readonly match: StringMatch;
  /** The header must not match (Istio withoutHeaders). */
  readonly invert: boolean;
  /** Compare a missing header as if it were empty, instead of not matching. */
  readonly treatMissingAsEmpty: boolean;
}

export interface QueryParameterMatch {
  readonly name: string;
  readonly match: StringMatch;
}

export interface RouteMatch {
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly queryParameters: readonly QueryParameterMatch[];
}

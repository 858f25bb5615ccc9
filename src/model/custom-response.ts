/** Answers that another cluster gives in place of a route's own (Envoy custom_response). */

export interface CustomResponsePolicy {
  /** Of answers that are replaced, the endpoint's and the proxy's own alike. */
  readonly statuses: readonly number[];
  /** Also where nobody could be asked: the cluster is not there, or has no endpoint to choose. */
  readonly withoutEndpoints?: boolean;
  /** Asked with GET (HEAD for HEAD) for `/` and the query; what it answers is the answer, its status too. */
  readonly cluster: string;
  /**
   * Set on that request, beside those that tell of the one that failed: `x-code`,
   * `x-original-uri`, `x-format` (its Accept) and `x-request-id`.
   */
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/**
 * What a rule that was made from an Ingress or from the Gateway API asks beyond the fields of
 * VirtualService. No file can write it: the decoder knows nothing of it.
 */

export interface RouteExtension {
  /**
   * Prefixes stop at a `/` under both. `gateway-api`: a replaced prefix joins with one slash, and a
   * destination that does not exist is answered with 500.
   */
  readonly semantics: 'ingress' | 'gateway-api';
}

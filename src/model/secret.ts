/**
 * Certificates, keys and authorities by name. They travel beside the model, never in it, and are
 * not shown, logged or dumped.
 */

import type { Origin } from './origin.ts';

/** PEM texts. A secret may hold a pair, an authority, or both. */
export interface Secret {
  /**
   * `kubernetes://NAMESPACE/NAME` of a Secret, `configmap://NAMESPACE/NAME` of authorities in
   * ConfigMaps (several names with `,` between them). Of files: `file://CERTIFICATE,KEY`, for authorities
   * `file://AUTHORITIES` or `file://AUTHORITIES,REVOCATION_LIST`; `,` in a path is written `%2C`
   * and `%` is `%25`.
   */
  readonly name: string;
  /** Leaf first, then its chain; null where it holds only an authority. */
  readonly certificate: string | null;
  readonly privateKey: string | null;
  readonly trustedCa: string | null;
  readonly revocationList: string | null;
  readonly origin: Origin;
}

/** Where requests and connections come in: the part of an explanation that both have. */

import type { FilterChain } from '../model/filter-chain.ts';
import type { Origin } from '../model/origin.ts';
import type { DownstreamTls } from '../model/tls.ts';

export interface ConsideredListener {
  readonly name: string;
  readonly chosen: boolean;
  /** In words: `knows the host`, `takes no https`. */
  readonly reason: string;
  readonly origin: Origin | null;
}

export interface ConsideredFilterChain {
  readonly name: string;
  readonly kind: FilterChain['kind'];
  readonly chosen: boolean;
  /** What it asks for, all of it; empty: nothing. */
  readonly match: readonly string[];
  /** In words: `the server name is to be a.example; it is b.example`. */
  readonly reason: string;
  readonly origin: Origin | null;
}

export interface ExplainedTls {
  /** What is asked of clients: nothing, a certificate if they have one, or one from each. */
  readonly clientCertificate: DownstreamTls['clientCertificate'];
  /** Names of those that clients are shown. */
  readonly certificates: readonly string[];
  /** Those of `certificates` that the proxy does not have; with any, it has none to show. */
  readonly missingCertificates: readonly string[];
  /** Name of the authorities that clients' certificates are to be signed by; null: any. */
  readonly trustedCa: string | null;
  /** One of them must be in the certificate of the client; empty: any. */
  readonly subjectAltNames: readonly string[];
  /** The certificate that it shows; null: none, or it is not known. */
  readonly client: ExplainedCertificate | null;
  /** false: the handshake fails. */
  readonly accepted: boolean;
  readonly reason: string;
}

interface ExplainedCertificate {
  /** As RFC 2253 writes it. */
  readonly subject: string;
  readonly issuer: string;
  readonly subjectAltNames: readonly string[];
}

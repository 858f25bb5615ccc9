/** What records of an exchange tell of TLS, of its client or towards its endpoint. */

export interface TlsInfo {
  /** `TLSv1.3`. */
  readonly version: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** The certificate of the client or endpoint; null: it showed none. */
  readonly peer: CertificateInfo | null;
  /** The one that it was shown; null: none. */
  readonly local: CertificateInfo | null;
  /** What x-forwarded-client-cert says of the client's certificate; null: there is none. */
  readonly forwardedCertificate: string | null;
}

/** Names as RFC 2253 writes them, digests and numbers in lower-case hexadecimal. */
export interface CertificateInfo {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
  /** PEM with what a header field could not hold in percent-encoding, as Envoy does. */
  readonly urlEncodedPem: string;
}

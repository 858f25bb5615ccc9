/**
 * TLS on either side. Certificates and keys are named here and held elsewhere (`secret.ts`), so that
 * the model can be shown to anybody.
 */

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** What both sides say of the handshake. */
export interface TlsParameters {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL names, in order of preference; null: the platform's. Of TLS 1.2 and below. */
  readonly cipherSuites: readonly string[] | null;
}

/** A certificate that is presented with its key, or an authority that is trusted: by name. */
export type SecretName = string;

/** Which certificates of peers count. */
export interface PeerValidation {
  /** The secret whose authorities must have signed; null: those of the platform. */
  readonly trustedCa: SecretName | null;
  /**
   * One of these must be among the DNS names, URIs, addresses or mails of the certificate. Of
   * clients `*.` stands for one label, a trailing `*` for any text; endpoints must have them as
   * they are, or below a name that begins with `*.`. Empty: any.
   */
  readonly subjectAltNames: readonly string[];
  /** SHA-256 of the public key (base64); empty: any. Istio verifyCertificateSpki. */
  readonly spkiHashes: readonly string[];
  /** SHA-256 of the certificate (hex, lower case, without colons); empty: any. */
  readonly certificateHashes: readonly string[];
}

/** Envoy DownstreamTlsContext. */
export interface DownstreamTls extends TlsParameters {
  /** Presented; several for several key types. */
  readonly certificates: readonly SecretName[];
  /**
   * Where `certificates` has none, or one of them is missing, the certificate authority of the user
   * signs one for the name that the client asks for, if there is anything to serve under it (local
   * TLS). Not Envoy's.
   */
  readonly localAuthority: boolean;
  /** `none` does not ask, `optional` checks what is presented, `required` refuses without one. */
  readonly clientCertificate: 'none' | 'optional' | 'required';
  /** null where none is asked for, or any passes. */
  readonly validation: PeerValidation | null;
  /** The server's order wins, what it does not know is ignored. */
  readonly alpn: readonly string[];
}

/** Envoy UpstreamTlsContext. */
export interface UpstreamTls extends TlsParameters {
  /** SNI; null: the host of the request without its port (auto_sni), none for an address. */
  readonly sni: string | null;
  /** Presented where the endpoint asks for one; null: none. */
  readonly certificate: SecretName | null;
  /** null: the endpoint's certificate is not verified (insecureSkipVerify). */
  readonly validation: PeerValidation | null;
  /**
   * The host of the request without its port must be a name of the certificate, too
   * (auto_san_validation).
   */
  readonly autoSanValidation: boolean;
  /** Offered; empty: what is spoken with the endpoint, where that is HTTP. */
  readonly alpn: readonly string[];
}

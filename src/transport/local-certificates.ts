/** Certificates that are made when a client first asks for them (local TLS). */

/** PEM. The same object until it is renewed. */
export interface LocalCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Whether there is anything to serve under a name: lower case, without a dot at its end. */
export type HostTest = (name: string) => boolean;

export interface KnownCertificates {
  /** PEM, as of `leaves`. */
  readonly authority: string;
  /** Those that have been made and are kept. */
  readonly leaves: readonly { readonly host: string; readonly certificate: string }[];
}

export interface LocalCertificates {
  known(): KnownCertificates;
  /**
   * For a server name or an IP address. null: `isKnownHost` says no, or what the client sent is no
   * name. Rejects where none can be made.
   */
  leafFor(serverName: string, isKnownHost: HostTest): Promise<LocalCertificate> | null;
}

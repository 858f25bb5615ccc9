/** How HTTP is treated on a listener. */

/** Istio MeshConfig.pathNormalization. */
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

/**
 * x-forwarded-client-cert: Envoy forward_client_cert_details. `SANITIZE` removes it, `SANITIZE_SET`
 * writes it anew, `APPEND_FORWARD` adds to it, `FORWARD_ONLY` keeps it on mutual TLS alone.
 */
export type ForwardClientCert =
  | 'SANITIZE'
  | 'SANITIZE_SET'
  | 'APPEND_FORWARD'
  | 'FORWARD_ONLY'
  | 'ALWAYS_FORWARD_ONLY';

/** Envoy's HttpConnectionManager settings as Istio generates them for a role. */
export interface HttpSettings {
  /** Gateway: the peer is the client; x-forwarded-for is appended, x-request-id renewed. */
  readonly useRemoteAddress: boolean;
  /** gatewayTopology.numTrustedProxies. */
  readonly xffNumTrustedHops: number;
  /**
   * Ranges of addresses (Envoy internal_address_config): a client from there that comes without
   * x-forwarded-for is internal, its x-envoy-* fields count. null: no client is.
   */
  readonly internalAddresses: readonly string[] | null;
  /** `envoy` on the outbound side, `istio-envoy` on gateways and inbound. */
  readonly serverName: string;
  /** false: the upstream's server header is kept (proxyHeaders.server.disabled). */
  readonly overwriteServer: boolean;
  readonly generateRequestId: boolean;
  readonly preserveExternalRequestId: boolean;
  /** Send x-envoy-attempt-count upstream. */
  readonly attemptCountHeader: boolean;
  readonly pathNormalization: PathNormalization;
  /** Start and continue traces; otherwise trace headers pass through untouched. */
  readonly tracing: boolean;
  readonly websocketUpgrades: boolean;
  readonly forwardClientCert: ForwardClientCert;
}

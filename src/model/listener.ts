/** A port that is accepted on, and how requests from it are treated. */

import type { Limits } from './limits.ts';
import type { Origin } from './origin.ts';

export type Direction = 'outbound' | 'inbound' | 'gateway';

/** Istio MeshConfig.pathNormalization. */
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

/** Where a listener finds the route table of a request. */
export type RouteSource =
  | { readonly kind: 'table'; readonly name: string }
  /** By the port in the authority (80 where it has none): tables by port, and one for other ports. */
  | {
      readonly kind: 'authority-port';
      readonly tables: Readonly<Record<string, string>>;
      readonly fallback: string;
    };

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
  readonly limits: Limits;
}

export interface Listener {
  /** `outbound_127.0.0.1_15001`, `gateway_80`: unique, and stable over reloads. */
  readonly name: string;
  readonly direction: Direction;
  /** Where it is really bound. */
  readonly address: string;
  readonly port: number;
  /** The logical port: Gateway server port, service port; 0 where the authority names it. */
  readonly servicePort: number;
  readonly routes: RouteSource;
  readonly http: HttpSettings;
  readonly origin: Origin;
}

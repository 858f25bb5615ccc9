/** A group of equivalent endpoints and how to use them. */

import type {
  CircuitBreaker,
  ConnectionSettings,
  LoadBalancerPolicy,
  OutlierDetection,
} from './cluster-policy.ts';
import type { Endpoint } from './endpoint.ts';
import type { HealthCheck } from './health-check.ts';
import type { Origin, SettingOrigins } from './origin.ts';
import type { UpstreamTls } from './tls.ts';

/** The service behind a cluster: Istio's destination_service labels. */
export interface ServiceIdentity {
  /** Fully qualified, for example `reviews.default.svc.cluster.local`. */
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
}

export type ClusterDiscovery =
  /** Endpoints are addresses from the configuration. */
  | 'static'
  /** Every endpoint is a name; all its addresses are used, refreshed by their TTL. */
  | 'strict-dns'
  /** Every endpoint is a name; one address at a time is used. */
  | 'logical-dns'
  /** The request's own destination (PassthroughCluster, resolution NONE). */
  | 'original-dst';

/** What is spoken with endpoints. */
export type UpstreamProtocol =
  | 'http1'
  /** HTTP/2 with prior knowledge, or as ALPN says. Envoy explicit_http_config. */
  | 'http2'
  /** What the client speaks. Envoy use_downstream_protocol_config, Istio useClientProtocol. */
  | 'downstream';

export interface Cluster {
  /** Istio's form: `outbound|9080|v1|reviews.default.svc.cluster.local`. */
  readonly name: string;
  readonly direction: 'outbound' | 'inbound';
  readonly discovery: ClusterDiscovery;
  readonly service: ServiceIdentity | null;
  readonly endpoints: readonly Endpoint[];
  readonly loadBalancer: LoadBalancerPolicy;
  readonly outlierDetection: OutlierDetection | null;
  /** null: endpoints count as healthy until requests to them show otherwise. */
  readonly healthCheck: HealthCheck | null;
  readonly circuitBreaker: CircuitBreaker;
  readonly connection: ConnectionSettings;
  /** Default `http1`. */
  readonly protocol: UpstreamProtocol;
  /** TLS towards endpoints; null: clear text. Istio trafficPolicy.tls. */
  readonly tls: UpstreamTls | null;
  /**
   * Header of the PROXY protocol that each connection to an endpoint begins with, before TLS; null:
   * none. Istio trafficPolicy.proxyProtocol.
   */
  readonly proxyProtocol: 'V1' | 'V2' | null;
  /** Below this percentage of healthy endpoints all are used; 0 switches panic off. */
  readonly panicThresholdPercent: number;
  readonly origin: Origin;
  /** Of the blocks of its trafficPolicy, as `outlierDetection`; absent where there is none. */
  readonly settingOrigins?: SettingOrigins;
}

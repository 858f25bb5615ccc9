/** Policies of a cluster, from a DestinationRule's trafficPolicy, in Envoy's words. */

export type LoadBalancerPolicy =
  | { readonly policy: 'ROUND_ROBIN'; readonly slowStart: SlowStart | null }
  | { readonly policy: 'LEAST_REQUEST'; readonly slowStart: SlowStart | null }
  | { readonly policy: 'RANDOM' }
  /** `minimumRingSize` entries at least, as far as `hashRingEntries` lets it. */
  | { readonly policy: 'RING_HASH'; readonly minimumRingSize: number }
  /** `tableSize` is prime and below 5,000,011. */
  | { readonly policy: 'MAGLEV'; readonly tableSize: number }
  /** The request's own destination (Istio PASSTHROUGH). */
  | { readonly policy: 'CLUSTER_PROVIDED' };

/**
 * Entries of one ring at most; beyond it they are dealt by weight. Envoy's maximum is 8 Mi, but the
 * ring is built by the thread that serves requests, within the first that needs it.
 */
export const hashRingEntries = 1_048_576;

export interface SlowStart {
  readonly windowMs: number;
  readonly aggression: number;
  readonly minWeightPercent: number;
}

/** Counts of 0 switch that detector off. */
export interface OutlierDetection {
  readonly consecutive5xx: number;
  readonly consecutiveGatewayErrors: number;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly consecutiveLocalOriginFailures: number;
  /** Status codes that count in place of 5xx; null for 5xx. */
  readonly errorCodes: readonly number[] | null;
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  readonly maxEjectionMs: number;
  /** 0 to 100; an ejection that would exceed it does not happen. */
  readonly maxEjectionPercent: number;
}

/** Envoy's circuit-breaker thresholds and connection settings (Istio connectionPool). */
export interface CircuitBreaker {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  readonly retryBudget: { readonly percent: number; readonly minRetryConcurrency: number } | null;
}

export interface ConnectionSettings {
  readonly connectTimeoutMs: number;
  /** Idle upstream connections close after this long; Envoy's default is one hour. */
  readonly idleTimeoutMs: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  /** 0: no limit. */
  readonly maxConnectionDurationMs: number;
  /** Idle seconds before the first probe; 0: the system's. Node sets nothing else. */
  readonly tcpKeepalive: { readonly timeSeconds: number } | null;
  /** HTTP/2: streams of one connection at once, if the endpoint does not allow fewer. */
  readonly maxConcurrentStreams: number;
  /**
   * HTTP/2: a PING every `intervalMs`; a connection on which nothing has come `timeoutMs` after it
   * is closed. null: none. Istio http2KeepAlive, Envoy connection_keepalive.
   */
  readonly http2Keepalive: { readonly intervalMs: number; readonly timeoutMs: number } | null;
}

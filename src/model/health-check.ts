/** How the endpoints of a cluster are asked whether they are well, in Envoy's words. */

import type { UpstreamTls } from './tls.ts';

export interface HealthCheck {
  /** Time for one check, from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** Between two checks of a healthy endpoint, once the cluster has had requests. */
  readonly intervalMs: number;
  /** Added to each interval: a random time up to this. */
  readonly intervalJitterMs: number;
  /** The same as a share of the interval, 0 to 100. */
  readonly intervalJitterPercent: number;
  /** The first check waits for a random time up to this; 0: it is made at once. */
  readonly initialJitterMs: number;
  /** Checks in a row that must fail, or succeed, before an endpoint turns. */
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  /** Between two checks while the cluster has never had a connection for a request. */
  readonly noTrafficIntervalMs: number;
  /** The same for endpoints that are healthy. */
  readonly noTrafficHealthyIntervalMs: number;
  /** Between two checks of an unhealthy endpoint. */
  readonly unhealthyIntervalMs: number;
  /** After a check that failed, while the endpoint has not turned yet. */
  readonly unhealthyEdgeIntervalMs: number;
  /** After a check that succeeded, while the endpoint has not turned yet. */
  readonly healthyEdgeIntervalMs: number;
  /** TLS of its connections; its `sni` takes the place of the host of requests; null: clear text. */
  readonly tls: UpstreamTls | null;
  readonly check: HttpHealthCheck | TcpHealthCheck;
}

/** Statuses from `start` to below `end`. */
export interface StatusRange {
  readonly start: number;
  readonly end: number;
}

export interface HttpHealthCheck {
  readonly kind: 'http';
  /** Envoy's codec_client_type; HTTP/2 is with prior knowledge, or as TLS agrees on. */
  readonly codec: 'http1' | 'http2';
  /** With its query. */
  readonly path: string;
  /** Value of the Host header; null: the endpoint's own `address:port`. */
  readonly host: string | null;
  readonly method: string;
  /** Statuses of a healthy endpoint. */
  readonly expectedStatuses: readonly StatusRange[];
  /** Statuses that count towards `unhealthyThreshold`; others fail the endpoint at once. */
  readonly retriableStatuses: readonly StatusRange[];
  /** Further headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TcpHealthCheck {
  readonly kind: 'tcp';
  /** Hexadecimal bytes to send; null: connecting is enough. */
  readonly send: string | null;
  /** Hexadecimal pieces that the answer must hold in this order; empty: it need not answer. */
  readonly receive: readonly string[];
}

/** Envoy's TCP proxy: bytes of a connection go to one endpoint of one cluster. */

export interface TcpProxy {
  /** Drawn once for each connection, by weight. Empty or unknown: the connection is closed. */
  readonly clusters: readonly WeightedTcpCluster[];
  /** No byte either way for so long: both sides are closed. 0 is no limit. Envoy's default is 1 h. */
  readonly idleTimeoutMs: number;
  /** A connection is closed when it is so old, whatever passes. 0 is no limit. */
  readonly maxConnectionDurationMs: number;
  /** Connections from one address go to the same endpoint (consistentHash.useSourceIp). */
  readonly hashSourceIp: boolean;
}

export interface WeightedTcpCluster {
  readonly cluster: string;
  /** 0 gets nothing, unless all are 0. */
  readonly weight: number;
}

/** What a TCP proxy counts. Plain fields, which its sessions add to. */

import type { TcpFilterChain } from '../../model/filter-chain.ts';
import type { Sample } from './sample.ts';

export class TcpProxyStats {
  downstreamCxTotal = 0;
  downstreamCxActive = 0;
  /** No cluster, or one that does not exist. */
  downstreamCxNoRoute = 0;
  downstreamCxRxBytesTotal = 0;
  downstreamCxTxBytesTotal = 0;
  idleTimeout = 0;
  maxDownstreamConnectionDuration = 0;
  /** Endpoints that still take what a client left that is gone. */
  upstreamFlushTotal = 0;
  upstreamFlushActive = 0;
}

type StatRow = readonly [kind: Sample['kind'], name: string, field: keyof TcpProxyStats];

/** Below `tcp.<stat prefix>;.`. */
const rows: readonly StatRow[] = [
  ['counter', 'downstream_cx_total', 'downstreamCxTotal'],
  ['gauge', 'downstream_cx_active', 'downstreamCxActive'],
  ['counter', 'downstream_cx_no_route', 'downstreamCxNoRoute'],
  ['counter', 'downstream_cx_rx_bytes_total', 'downstreamCxRxBytesTotal'],
  ['counter', 'downstream_cx_tx_bytes_total', 'downstreamCxTxBytesTotal'],
  ['counter', 'idle_timeout', 'idleTimeout'],
  ['counter', 'max_downstream_connection_duration', 'maxDownstreamConnectionDuration'],
  ['counter', 'upstream_flush_total', 'upstreamFlushTotal'],
  ['gauge', 'upstream_flush_active', 'upstreamFlushActive'],
];

/** Under Envoy's names. Chains with the same prefix are added up by whoever collects. */
export function* tcpProxySamples(chain: TcpFilterChain, stats: TcpProxyStats): Iterable<Sample> {
  const prefix = `tcp.${statPrefix(chain)};.`;
  for (const [kind, name, field] of rows) yield { kind, name: prefix + name, value: stats[field] };
}

/** As Istio names it: after the only cluster, or after the resource that spreads over several. */
function statPrefix({ tcp, origin }: TcpFilterChain): string {
  const [first, ...others] = tcp.clusters;
  if (first !== undefined && others.length === 0) return first.cluster;
  return `${origin.name}.${origin.namespace}`;
}

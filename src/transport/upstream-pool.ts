/**
 * What the connections to one endpoint have in common, whatever protocol they speak: how the proxy
 * asks for one, and what a pool needs to know and to tell.
 */

import type { Clock } from '../base/clock.ts';
import type { TimerWheel } from '../base/timer-wheel.ts';
import type { OutputSlabs } from '../http2/output-slabs.ts';
import type { Limits } from '../model/limits.ts';
import type { ReadBuffer } from './accept.ts';
import type { UpstreamExchange } from './upstream-exchange.ts';
import type { UpstreamStream } from './upstream-stream.ts';
import type { UpstreamTlsClient } from './upstream-tls-client.ts';
import type { WriteQueue } from './write-queue.ts';

export interface UpstreamPool {
  /** Connections in any state. */
  readonly openConnections: number;

  /** A reload may have changed them; `limits` are those of connections that are made from now on. */
  configure(settings: PoolSettings, limits: Limits): void;
  /** A stream at once; `pending` if `exchange` will be told; `overflow` if it must not wait. */
  acquire(exchange: UpstreamExchange): UpstreamStream | 'pending' | 'overflow';
  /** The exchange that waits does not want a stream any more. */
  cancel(exchange: UpstreamExchange): void;
  /** Closes idle connections now and the others as their exchanges end. */
  drain(): void;
}

/** What a pool counts for its cluster beside the limits. Envoy's names in camel case. */
export interface ConnectionStats {
  upstreamCxHttp1Total: number;
  upstreamCxHttp2Total: number;
  upstreamCxIdleTimeout: number;
  upstreamCxMaxRequests: number;
  upstreamCxMaxDurationReached: number;
  upstreamCxProtocolError: number;
  upstreamCxRxBytesTotal: number;
  upstreamCxTxBytesTotal: number;
  upstreamRqCancelled: number;
  http2KeepaliveTimeout: number;
  upstreamRqPendingFailureEject: number;
  sslHandshake: number;
  sslSessionReused: number;
  sslConnectionError: number;
  sslFailVerifyNoCert: number;
  sslFailVerifyError: number;
  sslFailVerifySan: number;
  sslFailVerifyCertHash: number;
  /** There is no context: a certificate or an authority is missing. */
  upstreamContextSecretsNotReady: number;
  /** Milliseconds that it took to make connections, and that they lasted. */
  readonly cxConnectMs: TimeRecorder;
  readonly cxLengthMs: TimeRecorder;
}

export interface TimeRecorder {
  record(ms: number): void;
}

/** Counts shared by all endpoints of a cluster: its circuit breaker. */
export interface ConnectionGate {
  readonly stats: ConnectionStats;
  /** Counts a connection, unless there are as many as may be. */
  tryOpenConnection(): boolean;
  /** Counts a connection even over the limit: an endpoint may always have one. */
  openConnection(): void;
  /** `byPeer`: the endpoint closed it; `busy`: while a response was awaited. */
  connectionClosed(byPeer: boolean, busy: boolean): void;
  /** Counts a waiting request, unless there are as many as may be. */
  tryPend(): boolean;
  pendingDone(): void;
  connectFailed(timedOut: boolean): void;
}

export interface PoolSettings {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxRequestsPerConnection: number;
  readonly maxConnectionDurationMs: number;
  readonly tcpKeepalive: { readonly timeSeconds: number } | null;
  /** HTTP/2: streams of one connection at once. */
  readonly maxConcurrentStreams: number;
  /** HTTP/2: null switches PING off. */
  readonly http2Keepalive: KeepaliveSettings | null;
}

/** A PING after each interval; without a sign of life within the timeout the connection is closed. */
export interface KeepaliveSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Both ends of a connection that was made. */
export interface ConnectionEnds {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface PoolDependencies {
  readonly address: { readonly address: string; readonly port: number };
  readonly gate: ConnectionGate;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: WriteQueue;
  readonly readBuffer: ReadBuffer;
  /** Memory for what HTTP/2 sessions write. */
  readonly http2Slabs: OutputSlabs;
  /** null: clear text. */
  readonly tls: UpstreamTlsClient | null;
  /** Latin-1 text that each connection begins with, before TLS; empty: none. PROXY protocol. */
  readonly prologue: string;
  /** Looked at when a connection is made, before anything is sent; null: any will do. */
  readonly isForbidden: ((ends: ConnectionEnds) => boolean) | null;
}

/**
 * The connections to one endpoint: idle ones are used last in, first out; requests wait in order
 * while all are busy and no further one may be opened.
 */

import type { Clock } from '../base/clock.ts';
import type { TimerWheel } from '../base/timer-wheel.ts';
import type { TurnQueue } from '../base/turn-queue.ts';
import type { CodecLimits } from '../http1/codec-limits.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamExchange, UpstreamFailure } from './upstream-exchange.ts';

/** What a pool counts for its cluster beside the limits. Envoy's names in camel case. */
export interface ConnectionStats {
  upstreamCxIdleTimeout: number;
  upstreamCxMaxRequests: number;
  upstreamCxMaxDurationReached: number;
  upstreamCxProtocolError: number;
  upstreamCxRxBytesTotal: number;
  upstreamCxTxBytesTotal: number;
  upstreamRqCancelled: number;
  upstreamRqPendingFailureEject: number;
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
}

/** Both ends of a connection that was made. */
export interface ConnectionEnds {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface PoolDependencies {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly turns: TurnQueue;
  readonly readBuffer: Buffer;
  readonly limits: CodecLimits;
  /** Looked at when a connection is made, before anything is sent; null: any will do. */
  readonly isForbidden: ((ends: ConnectionEnds) => boolean) | null;
}

/** Idle connections are given up this long before the peer would close them. */
const peerIdleMarginMs = 1000;

/** An endpoint gets this long to take what a tunnel has left behind. */
const tunnelLingerMs = 5000;

export class EndpointPool {
  readonly address: { readonly address: string; readonly port: number };
  readonly dependencies: PoolDependencies;
  /** Replaced when a reload changes them. */
  settings: PoolSettings;
  gate: ConnectionGate;

  /** Last in, first out. */
  readonly #idle: UpstreamConnection[] = [];
  readonly #waiting: UpstreamExchange[] = [];
  #connecting = 0;
  #open = 0;
  /** Told to close: it takes up nothing new. */
  draining = false;

  constructor(
    address: { readonly address: string; readonly port: number },
    settings: PoolSettings,
    gate: ConnectionGate,
    dependencies: PoolDependencies,
  ) {
    this.address = address;
    this.settings = settings;
    this.gate = gate;
    this.dependencies = dependencies;
  }

  /** Connections in any state. */
  get openConnections(): number {
    return this.#open;
  }

  /** An idle connection at once; `pending` if `exchange` will be told; `overflow` if it must not wait. */
  acquire(exchange: UpstreamExchange): UpstreamConnection | 'pending' | 'overflow' {
    const idle = this.#popIdle();
    if (idle !== null) {
      idle.exchange = exchange;
      return idle;
    }
    if (!this.gate.tryPend()) return 'overflow';
    this.#waiting.push(exchange);
    this.#connectIfNeeded();
    return 'pending';
  }

  /** The exchange does not want a connection any more. */
  cancel(exchange: UpstreamExchange): void {
    const index = this.#waiting.indexOf(exchange);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.gate.pendingDone();
    this.gate.stats.upstreamRqCancelled++;
  }

  /** The exchange on this connection is over; `reusable` if both messages ended cleanly. */
  release(connection: UpstreamConnection, reusable: boolean): void {
    connection.exchange = null;
    if (!reusable || connection.closed || this.#retires(connection)) {
      connection.destroy();
      return;
    }
    // A slow client may have had it paused with the last bytes of its response.
    connection.resumeReading();
    this.#serveNext(connection);
  }

  /** The exchange ended in a tunnel: what is queued still leaves, and then the connection ends. */
  releaseTunnel(connection: UpstreamConnection): void {
    connection.closeAfterWrite();
    this.dependencies.wheel.arm(connection.timer, tunnelLingerMs);
  }

  /** Closes idle connections now and the others as their exchanges end. */
  drain(): void {
    this.draining = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  // Reports from connections.

  onConnected(connection: UpstreamConnection): void {
    this.#connecting--;
    const keepalive = this.settings.tcpKeepalive;
    if (keepalive !== null) connection.setKeepAlive(keepalive.timeSeconds * 1000);
    this.dependencies.wheel.disarm(connection.timer);
    this.#serveNext(connection);
  }

  /** The peer closed a connection that nobody was using. */
  onIdleClosed(connection: UpstreamConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  onIdleTimer(connection: UpstreamConnection): void {
    if (connection.exchange !== null) return;
    const left =
      this.#idleLimitMs(connection) - (this.dependencies.clock.now() - connection.idleSince);
    if (left > 0) {
      this.dependencies.wheel.arm(connection.timer, left);
      return;
    }
    this.gate.stats.upstreamCxIdleTimeout++;
    this.onIdleClosed(connection);
    connection.destroy();
  }

  onClosed(connection: UpstreamConnection): void {
    this.dependencies.wheel.disarm(connection.timer);
    this.onIdleClosed(connection);
    this.#open--;
    this.gate.connectionClosed(connection.closedByPeer, connection.busy);
    // A connection freed a place: a waiting request may open its own now.
    this.#connectIfNeeded();
  }

  /** Called before `onClosed` for a connection that was never made. */
  onConnectFailed(failure: UpstreamFailure, message: string): void {
    this.#connecting--;
    this.gate.connectFailed(failure === 'connect-timeout');
    // Those that wait without a connection of their own on the way would only meet the same.
    while (this.#waiting.length > this.#connecting) {
      const next = this.#nextWaiting();
      this.gate.stats.upstreamRqPendingFailureEject++;
      next?.onFailure(failure, message);
    }
  }

  #serveNext(connection: UpstreamConnection): void {
    for (let next = this.#nextWaiting(); next !== null; next = this.#nextWaiting()) {
      connection.exchange = next;
      if (next.onConnection(connection)) return;
      connection.exchange = null;
    }
    this.#pushIdle(connection);
  }

  #popIdle(): UpstreamConnection | null {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.closed) continue;
      const isStale = last.peerIdleMs !== 0 && this.#outlivesPeer(last);
      if (!isStale && !this.#retires(last)) return last;
      last.destroy();
    }
    return null;
  }

  #pushIdle(connection: UpstreamConnection): void {
    if (this.draining) {
      connection.destroy();
      return;
    }
    connection.idleSince = this.dependencies.clock.now();
    this.#idle.push(connection);
    // The entry stays armed over many exchanges and looks at `idleSince` when it fires.
    if (!connection.timer.armed) {
      this.dependencies.wheel.arm(connection.timer, this.#idleLimitMs(connection));
    }
  }

  #nextWaiting(): UpstreamExchange | null {
    const next = this.#waiting.shift();
    if (next === undefined) return null;
    this.gate.pendingDone();
    return next;
  }

  #connectIfNeeded(): void {
    if (this.#connecting >= this.#waiting.length) return;
    if (!this.gate.tryOpenConnection()) {
      if (this.#open > 0) return;
      this.gate.openConnection();
    }
    this.#open++;
    this.#connecting++;
    const connection = new UpstreamConnection(this, this.dependencies.readBuffer);
    this.dependencies.wheel.arm(connection.timer, this.settings.connectTimeoutMs);
  }

  /** The peer is about to close it: what is sent now might meet its FIN. */
  #outlivesPeer(connection: UpstreamConnection): boolean {
    const idleMs = this.dependencies.clock.now() - connection.idleSince;
    return idleMs >= this.#idleLimitMs(connection);
  }

  #idleLimitMs(connection: UpstreamConnection): number {
    const own = this.settings.idleTimeoutMs;
    if (connection.peerIdleMs === 0) return own;
    return Math.min(own, Math.max(0, connection.peerIdleMs - peerIdleMarginMs));
  }

  /** Whether it has to be closed now; counts the limit that says so. */
  #retires(connection: UpstreamConnection): boolean {
    if (this.draining) return true;
    const { maxRequestsPerConnection, maxConnectionDurationMs } = this.settings;
    if (maxRequestsPerConnection > 0 && connection.requests >= maxRequestsPerConnection) {
      this.gate.stats.upstreamCxMaxRequests++;
      return true;
    }
    if (maxConnectionDurationMs === 0) return false;
    const ageMs = this.dependencies.clock.now() - connection.openedAt;
    if (ageMs < maxConnectionDurationMs) return false;
    this.gate.stats.upstreamCxMaxDurationReached++;
    return true;
  }
}

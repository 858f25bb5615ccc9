/**
 * The HTTP/1.1 connections to one endpoint: idle ones are used last in, first out; requests wait in order
 * while all are busy and no further one may be opened.
 */

import type { Limits } from '../model/limits.ts';
import { isWornOut } from './connection-lifetime.ts';
import { Http1Connection } from './http1-connection.ts';
import type { UpstreamExchange, UpstreamFailure } from './upstream-exchange.ts';
import type { PoolDependencies, PoolSettings, UpstreamPool } from './upstream-pool.ts';
import { WaitingExchanges } from './waiting-exchanges.ts';

export class Http1Pool implements UpstreamPool {
  readonly dependencies: PoolDependencies;
  settings: PoolSettings;
  limits: Limits;

  /** Last in, first out. */
  readonly #idle: Http1Connection[] = [];
  readonly #waiting: WaitingExchanges;
  #connecting = 0;
  #open = 0;
  /** Told to close: it takes up nothing new. */
  #draining = false;

  constructor(settings: PoolSettings, limits: Limits, dependencies: PoolDependencies) {
    this.settings = settings;
    this.limits = limits;
    this.dependencies = dependencies;
    this.#waiting = new WaitingExchanges(dependencies.gate);
  }

  get openConnections(): number {
    return this.#open;
  }

  configure(settings: PoolSettings, limits: Limits): void {
    this.settings = settings;
    this.limits = limits;
  }

  acquire(exchange: UpstreamExchange): Http1Connection | 'pending' | 'overflow' {
    const idle = this.#popIdle();
    if (idle !== null) {
      idle.exchange = exchange;
      return idle;
    }
    if (!this.#waiting.tryAdd(exchange)) return 'overflow';
    this.#connectIfNeeded();
    return 'pending';
  }

  cancel(exchange: UpstreamExchange): void {
    this.#waiting.cancel(exchange);
  }

  drain(): void {
    this.#draining = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  // Reports from connections.

  /** The exchange on this connection is over; `reusable` if both messages ended cleanly. */
  release(connection: Http1Connection, reusable: boolean): void {
    connection.exchange = null;
    if (!reusable || connection.closed || this.#retires(connection)) {
      connection.destroy();
      return;
    }
    // A slow client may have had it paused with the last bytes of its response.
    connection.resumeReading();
    this.#serveNext(connection);
  }

  /** The exchange ended in a tunnel: the connection ends when what is queued has left. */
  releaseTunnel(connection: Http1Connection): void {
    connection.closeAfterWrite();
    this.dependencies.wheel.arm(connection.timer, this.limits.tunnelLingerMs);
  }

  onConnected(connection: Http1Connection): void {
    this.#connecting--;
    const { gate, clock } = this.dependencies;
    gate.stats.cxConnectMs.record(clock.now() - connection.openedAt);
    const keepalive = this.settings.tcpKeepalive;
    if (keepalive !== null) connection.setKeepAlive(keepalive.timeSeconds * 1000);
    this.dependencies.wheel.disarm(connection.timer);
    this.#serveNext(connection);
  }

  /** The peer closed a connection that nobody was using. */
  onIdleClosed(connection: Http1Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  onIdleTimer(connection: Http1Connection): void {
    if (connection.exchange !== null) return;
    const left =
      this.#idleLimitMs(connection) - (this.dependencies.clock.now() - connection.idleSince);
    if (left > 0) {
      this.dependencies.wheel.arm(connection.timer, left);
      return;
    }
    this.dependencies.gate.stats.upstreamCxIdleTimeout++;
    this.onIdleClosed(connection);
    connection.destroy();
  }

  onClosed(connection: Http1Connection): void {
    this.dependencies.wheel.disarm(connection.timer);
    this.onIdleClosed(connection);
    this.#open--;
    const { gate, clock } = this.dependencies;
    gate.connectionClosed(connection.closedByPeer, connection.busy);
    gate.stats.cxLengthMs.record(clock.now() - connection.openedAt);
    // A connection freed a place: a waiting request may open its own now.
    this.#connectIfNeeded();
  }

  /** Called before `onClosed` for a connection that was never made. */
  onConnectFailed(failure: UpstreamFailure, message: string): void {
    this.#connecting--;
    this.dependencies.gate.connectFailed(failure === 'connect-timeout');
    this.#waiting.failAll(failure, message);
  }

  #serveNext(connection: Http1Connection): void {
    for (let next = this.#waiting.next(); next !== null; next = this.#waiting.next()) {
      connection.exchange = next;
      if (next.onStream(connection)) return;
      connection.exchange = null;
    }
    this.#pushIdle(connection);
  }

  #popIdle(): Http1Connection | null {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.closed) continue;
      const isStale = last.peerIdleMs !== 0 && this.#outlivesPeer(last);
      if (!isStale && !this.#retires(last)) return last;
      last.destroy();
    }
    return null;
  }

  #pushIdle(connection: Http1Connection): void {
    if (this.#draining) {
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

  #connectIfNeeded(): void {
    if (this.#connecting >= this.#waiting.size) return;
    if (!this.dependencies.gate.tryOpenConnection()) {
      if (this.#open > 0) return;
      this.dependencies.gate.openConnection();
    }
    this.#open++;
    this.#connecting++;
    this.dependencies.gate.stats.upstreamCxHttp1Total++;
    const connection = new Http1Connection(this, this.dependencies.readBuffer);
    this.dependencies.wheel.arm(connection.timer, this.settings.connectTimeoutMs);
  }

  /** The peer is about to close it: what is sent now might meet its FIN. */
  #outlivesPeer(connection: Http1Connection): boolean {
    const idleMs = this.dependencies.clock.now() - connection.idleSince;
    return idleMs >= this.#idleLimitMs(connection);
  }

  #idleLimitMs(connection: Http1Connection): number {
    const own = this.settings.idleTimeoutMs;
    if (connection.peerIdleMs === 0) return own;
    return Math.min(own, Math.max(0, connection.peerIdleMs - this.limits.peerIdleMarginMs));
  }

  /** Whether it has to be closed now. */
  #retires(connection: Http1Connection): boolean {
    return this.#draining || isWornOut(connection, this.settings, this.dependencies);
  }
}

/**
 * The HTTP/2 connections to one endpoint: one as a rule, for all exchanges share it; a further one
 * while the endpoint allows no more streams on the first.
 */

import type { Limits } from '../model/limits.ts';
import { isWornOut } from './connection-lifetime.ts';
import { Http2Connection } from './http2-connection.ts';
import type { Http2UpstreamStream } from './http2-upstream-stream.ts';
import type { UpstreamExchange, UpstreamFailure } from './upstream-exchange.ts';
import type { PoolDependencies, PoolSettings, UpstreamPool } from './upstream-pool.ts';
import { WaitingExchanges } from './waiting-exchanges.ts';

export class Http2Pool implements UpstreamPool {
  readonly dependencies: PoolDependencies;
  settings: PoolSettings;
  limits: Limits;

  /** Connected, and taking streams. */
  readonly #ready: Http2Connection[] = [];
  readonly #waiting: WaitingExchanges;
  #connecting: Http2Connection | null = null;
  #open = 0;
  #draining = false;
  /** Streams are being handed to those who wait. */
  #serving = false;

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

  acquire(exchange: UpstreamExchange): Http2UpstreamStream | 'pending' | 'overflow' {
    const connection = this.#withCapacity();
    if (connection !== null) return connection.open(exchange);
    if (!this.#waiting.tryAdd(exchange)) return 'overflow';
    this.#connectIfNeeded();
    return 'pending';
  }

  cancel(exchange: UpstreamExchange): void {
    this.#waiting.cancel(exchange);
  }

  drain(): void {
    this.#draining = true;
    for (const connection of this.#ready.splice(0)) connection.retire();
  }

  // Reports from connections.

  onConnected(connection: Http2Connection): void {
    const { gate, clock, wheel } = this.dependencies;
    this.#connecting = null;
    gate.stats.cxConnectMs.record(clock.now() - connection.openedAt);
    wheel.disarm(connection.timer);
    this.#ready.push(connection);
    this.onCapacity(connection);
    if (this.#draining) this.drain();
    else if (connection.active === 0) this.#noteIdle(connection);
  }

  /** It takes more streams than before: those that wait come first. */
  onCapacity(connection: Http2Connection): void {
    // A stream that is not wanted ends at once and reports here: the loop below goes on.
    if (this.#serving) return;
    this.#serving = true;
    while (this.#waiting.size > 0 && this.#takesStream(connection)) {
      const next = this.#waiting.next() as UpstreamExchange;
      const stream = connection.open(next);
      if (!next.onStream(stream)) stream.close();
    }
    this.#serving = false;
    this.#connectIfNeeded();
  }

  onStreamOver(connection: Http2Connection): void {
    if (connection.lost || connection.retired) return;
    if (this.#waiting.size > 0) this.onCapacity(connection);
    if (connection.active === 0) this.#noteIdle(connection);
  }

  /** It ends with its last stream; others need another connection. */
  onRetired(connection: Http2Connection): void {
    const index = this.#ready.indexOf(connection);
    if (index >= 0) this.#ready.splice(index, 1);
    this.dependencies.wheel.disarm(connection.timer);
    this.#connectIfNeeded();
  }

  onIdleTimer(connection: Http2Connection): void {
    if (connection.active > 0) return;
    const idleMs = this.dependencies.clock.now() - connection.idleSince;
    if (idleMs < this.settings.idleTimeoutMs) {
      this.dependencies.wheel.arm(connection.timer, this.settings.idleTimeoutMs - idleMs);
      return;
    }
    this.dependencies.gate.stats.upstreamCxIdleTimeout++;
    this.#retire(connection);
  }

  /** Called before `onClosed` for a connection that was never made. */
  onConnectFailed(failure: UpstreamFailure, message: string): void {
    this.#connecting = null;
    this.dependencies.gate.connectFailed(failure === 'connect-timeout');
    this.#waiting.failAll(failure, message);
  }

  onClosed(connection: Http2Connection): void {
    this.#open--;
    const { gate, clock } = this.dependencies;
    gate.connectionClosed(connection.closedByPeer, connection.lostStreams);
    gate.stats.cxLengthMs.record(clock.now() - connection.openedAt);
    this.onRetired(connection);
  }

  #withCapacity(): Http2Connection | null {
    const ready = this.#ready;
    for (let i = 0; i < ready.length; ) {
      const connection = ready[i] as Http2Connection;
      if (this.#takesStream(connection)) return connection;
      // One that is given up has left the list.
      if (ready[i] === connection) i++;
    }
    return null;
  }

  /** One more stream; a connection that has served its time is given up instead. */
  #takesStream(connection: Http2Connection): boolean {
    if (connection.capacity <= 0) return false;
    if (!isWornOut(connection, this.settings, this.dependencies)) return true;
    this.#retire(connection);
    return false;
  }

  #retire(connection: Http2Connection): void {
    this.onRetired(connection);
    connection.retire();
  }

  /** One connection at a time is made: its streams will serve everyone who waits. */
  #connectIfNeeded(): void {
    if (this.#connecting !== null || this.#waiting.size === 0) return;
    if (!this.dependencies.gate.tryOpenConnection()) {
      if (this.#open > 0) return;
      this.dependencies.gate.openConnection();
    }
    this.#open++;
    this.dependencies.gate.stats.upstreamCxHttp2Total++;
    this.#connecting = new Http2Connection(this);
    this.dependencies.wheel.arm(this.#connecting.timer, this.settings.connectTimeoutMs);
  }

  #noteIdle(connection: Http2Connection): void {
    const { clock, wheel } = this.dependencies;
    const now = clock.now();
    connection.idleSince = now;
    // The entry stays armed over many streams and looks at `idleSince` when it fires.
    if (!connection.timer.armed) {
      wheel.arm(connection.timer, this.settings.idleTimeoutMs, now);
    }
  }
}

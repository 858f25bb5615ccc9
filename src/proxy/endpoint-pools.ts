/** The connection pool of an endpoint: made at its first request, kept with it over reloads. */

import type { CircuitBreakerState } from '../cluster/circuit-breaker-state.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../cluster/live-endpoint.ts';
import type { Limits } from '../model/limits.ts';
import { Http1Pool } from '../transport/http1-pool.ts';
import type { ConnectionGate, ConnectionStats, UpstreamPool } from '../transport/upstream-pool.ts';
import { isOwnListener } from './original-destination.ts';
import type { ProxyContext } from './proxy-context.ts';

export function poolFor(
  endpoint: LiveEndpoint,
  cluster: LiveCluster,
  context: ProxyContext,
  limits: Limits,
): UpstreamPool {
  const existing = endpoint.connections;
  // An endpoint that was given up and is back starts anew; what drains goes on draining.
  if (existing instanceof Http1Pool && !existing.draining) {
    existing.settings = cluster.model.connection;
    return existing;
  }
  const gate = new EndpointGate(cluster.breaker, endpoint);
  const pool = new Http1Pool(endpoint, cluster.model.connection, gate, {
    clock: context.clock,
    wheel: context.wheel,
    turns: context.turns,
    readBuffer: context.readBuffer,
    limits,
    isForbidden:
      cluster.model.discovery === 'original-dst'
        ? (ends) => isOwnListener(context.snapshot.mesh.listeners, ends)
        : null,
  });
  endpoint.connections = pool;
  return pool;
}

/** Counts a pool's connections and waiting requests for its cluster, and for its endpoint. */
class EndpointGate implements ConnectionGate {
  readonly stats: ConnectionStats;
  readonly #breaker: CircuitBreakerState;
  readonly #endpoint: LiveEndpoint;

  constructor(breaker: CircuitBreakerState, endpoint: LiveEndpoint) {
    this.stats = breaker.stats;
    this.#breaker = breaker;
    this.#endpoint = endpoint;
  }

  tryOpenConnection(): boolean {
    if (!this.#breaker.tryOpenConnection()) return false;
    this.#countOpened();
    return true;
  }

  openConnection(): void {
    this.#breaker.openConnection();
    this.#countOpened();
  }

  connectionClosed(byPeer: boolean, busy: boolean): void {
    this.#breaker.connectionClosed(byPeer, busy);
    this.#endpoint.connectionsActive--;
  }

  tryPend(): boolean {
    return this.#breaker.tryPend();
  }

  pendingDone(): void {
    this.#breaker.pendingDone();
  }

  connectFailed(timedOut: boolean): void {
    this.#breaker.connectFailed(timedOut);
    this.#endpoint.connectFailures++;
  }

  #countOpened(): void {
    this.#endpoint.connectionsActive++;
    this.#endpoint.connectionsTotal++;
  }
}

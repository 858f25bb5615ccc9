/** What the pools of an endpoint count: for the limits of its cluster, and for the endpoint itself. */

import type { CircuitBreakerState } from '../../cluster/circuit-breaker-state.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { ConnectionGate, ConnectionStats } from '../../transport/upstream-pool.ts';

export class EndpointGate implements ConnectionGate {
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
    if (!this.#breaker.tryPend()) return false;
    this.#endpoint.requestsPending++;
    return true;
  }

  pendingDone(): void {
    this.#breaker.pendingDone();
    this.#endpoint.requestsPending--;
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

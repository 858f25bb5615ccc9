/**
 * Counts what a cluster has open and says whether one more may be: Envoy's circuit breaker. The
 * counts outlive a reload; the limits are those of the newest configuration.
 */

import type { CircuitBreaker } from '../model/cluster-policy.ts';
import type { ClusterStats } from './cluster-stats.ts';

export class CircuitBreakerState {
  /** Replaced when a reload changes them. */
  limits: CircuitBreaker;
  readonly stats: ClusterStats;

  #requests = 0;
  #connections = 0;
  #pending = 0;
  #retries = 0;

  constructor(limits: CircuitBreaker, stats: ClusterStats) {
    this.limits = limits;
    this.stats = stats;
  }

  get requests(): number {
    return this.#requests;
  }

  get connections(): number {
    return this.#connections;
  }

  get pending(): number {
    return this.#pending;
  }

  get retries(): number {
    return this.#retries;
  }

  /** Whether the next one would be refused: Envoy's circuit_breakers.default gauges. */
  get requestsOpen(): boolean {
    return this.#requests >= this.limits.maxRequests;
  }

  get connectionsOpen(): boolean {
    return this.#connections >= this.limits.maxConnections;
  }

  get pendingOpen(): boolean {
    return this.#pending >= this.limits.maxPendingRequests;
  }

  get retriesOpen(): boolean {
    return this.#retries >= this.#retryLimit();
  }

  /** Counts a request that has a connection. False: 503 UO. */
  tryRequest(): boolean {
    if (this.requestsOpen) {
      // Envoy has one counter for both kinds of overflow.
      this.stats.upstreamRqPendingOverflow++;
      return false;
    }
    this.countRequest();
    return true;
  }

  /** Counts one even over the limit: as in Envoy a TCP connection is one, too. */
  countRequest(): void {
    this.#requests++;
    this.stats.upstreamRqTotal++;
    this.stats.upstreamRqActive++;
  }

  requestDone(): void {
    this.#requests--;
    this.stats.upstreamRqActive--;
  }

  tryOpenConnection(): boolean {
    if (this.connectionsOpen) {
      this.stats.upstreamCxOverflow++;
      return false;
    }
    this.openConnection();
    return true;
  }

  /** Counts a connection even over the limit: an endpoint may always have one. */
  openConnection(): void {
    this.#connections++;
    this.stats.upstreamCxTotal++;
    this.stats.upstreamCxActive++;
  }

  /**
   * For every counted connection, whether it was ever established or not. `byPeer`: the endpoint
   * closed it; `busy`: while a response was awaited.
   */
  connectionClosed(byPeer: boolean, busy: boolean): void {
    const { stats } = this;
    this.#connections--;
    stats.upstreamCxActive--;
    stats.upstreamCxDestroy++;
    if (byPeer) stats.upstreamCxDestroyRemote++;
    else stats.upstreamCxDestroyLocal++;
    if (!busy) return;
    stats.upstreamCxDestroyWithActiveRq++;
    if (byPeer) stats.upstreamCxDestroyRemoteWithActiveRq++;
    else stats.upstreamCxDestroyLocalWithActiveRq++;
  }

  connectFailed(timedOut: boolean): void {
    this.stats.upstreamCxConnectFail++;
    if (timedOut) this.stats.upstreamCxConnectTimeout++;
  }

  /** Counts a request that waits for a connection. False: 503 UO. */
  tryPend(): boolean {
    if (this.pendingOpen) {
      this.stats.upstreamRqPendingOverflow++;
      return false;
    }
    this.#pending++;
    this.stats.upstreamRqPendingTotal++;
    this.stats.upstreamRqPendingActive++;
    return true;
  }

  pendingDone(): void {
    this.#pending--;
    this.stats.upstreamRqPendingActive--;
  }

  /** Counts a retry until it has ended. False: the response that is there goes down, with UO. */
  tryRetry(): boolean {
    if (this.retriesOpen) {
      this.stats.upstreamRqRetryOverflow++;
      return false;
    }
    this.#retries++;
    this.stats.upstreamRqRetry++;
    return true;
  }

  retryDone(): void {
    this.#retries--;
  }

  #retryLimit(): number {
    const budget = this.limits.retryBudget;
    if (budget === null) return this.limits.maxRetries;
    const share = (budget.percent / 100) * (this.#requests + this.#pending);
    return Math.max(Math.floor(share), budget.minRetryConcurrency);
  }
}

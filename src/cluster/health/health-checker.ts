/**
 * The active health checks of a cluster: one session for each endpoint, kept while configurations
 * and discovered addresses come and go. What they find is in the same health view that outlier
 * detection writes to.
 */

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { TimerEntry, TimerWheel } from '../../base/timer-wheel.ts';
import type { HealthCheck } from '../../model/health-check.ts';
import type { ClusterHealth } from '../cluster-health.ts';
import type { ClusterStats } from '../cluster-stats.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { type CheckEffect, HealthCheckSession, type SessionOwner } from './health-check-session.ts';
import type { HealthEvent } from './health-event.ts';
import type { HealthProber, Probe, ProbeResult } from './health-probe.ts';

/** What checks need of the process; the same for all clusters. */
export interface HealthCheckDependencies {
  readonly wheel: TimerWheel;
  readonly prober: HealthProber;
  onHealthEvent(event: HealthEvent): void;
}

export interface HealthCheckerOptions extends HealthCheckDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly health: ClusterHealth;
  readonly stats: ClusterStats;
  /** Outlier detection brings an endpoint back that passes its check. */
  onCheckPassed(endpoint: LiveEndpoint): void;
}

export class HealthChecker implements SessionOwner {
  readonly #options: HealthCheckerOptions;
  readonly #sessions = new Map<LiveEndpoint, HealthCheckSession>();
  /** Called when no endpoint waits for its first result any more. */
  #onSettled: (() => void)[] = [];

  constructor(options: HealthCheckerOptions) {
    this.#options = options;
  }

  /**
   * Checks these endpoints from now on. Sessions of endpoints that stay go on; what left is not
   * checked any more. null: no checks, and nobody is unhealthy.
   */
  watch(settings: HealthCheck | null, endpoints: readonly LiveEndpoint[]): void {
    const staying = new Set(settings === null ? [] : endpoints);
    for (const session of [...this.#sessions.values()]) {
      if (!staying.has(session.endpoint)) this.#leave(session);
      if (settings === null) this.#forget(session.endpoint);
      else if (staying.has(session.endpoint)) session.use(settings);
    }
    if (settings !== null) this.warmUp(settings, endpoints);
    this.#settleIfDone();
  }

  /** Checks these endpoints as well, which will be watched soon. */
  warmUp(settings: HealthCheck, endpoints: readonly LiveEndpoint[]): void {
    for (const endpoint of endpoints) {
      if (!this.#sessions.has(endpoint)) this.#join(endpoint, settings);
    }
  }

  /** The cluster is gone. */
  stop(): void {
    this.watch(null, []);
  }

  /** Resolves when every endpoint has had its first result; null: they all have. */
  settled(): Promise<void> | null {
    if (this.#isSettled()) return null;
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  /** An answer to a request says that the endpoint is to get no more of them. */
  failAtOnce(endpoint: LiveEndpoint): void {
    const session = this.#sessions.get(endpoint);
    if (session === undefined) return;
    const { stats, health } = this.#options;
    endpoint.excluded = true;
    stats.healthCheckFailure++;
    stats.healthCheckPassiveFailure++;
    const turned = session.failAtOnce();
    health.changed();
    if (turned) this.#onUnhealthy(endpoint, 'x-envoy-immediate-health-check-fail');
    this.#settleIfDone();
  }

  // For sessions.

  get hasTraffic(): boolean {
    const { stats } = this.#options;
    return stats.upstreamCxTotal > 0 || stats.hasTrafficElsewhere;
  }

  probe(session: HealthCheckSession, onResult: (result: ProbeResult) => void): Probe {
    this.#options.stats.healthCheckAttempt++;
    return this.#options.prober.probe(session.endpoint, session.settings, onResult);
  }

  arm(entry: TimerEntry, ms: number): void {
    this.#options.wheel.arm(entry, ms);
  }

  disarm(entry: TimerEntry): void {
    this.#options.wheel.disarm(entry);
  }

  fraction(): number {
    return this.#options.random.fraction();
  }

  onChecked(endpoint: LiveEndpoint, result: ProbeResult, effect: CheckEffect): void {
    const { stats, health, onCheckPassed } = this.#options;
    const { turned, wasFirst } = effect;
    const succeeded = result.outcome === 'success';
    if (succeeded) stats.healthCheckSuccess++;
    else this.#countFailure(result);
    endpoint.checkTimedOut = endpoint.unhealthy && result.outcome === 'timeout';
    // Envoy warms up whoever comes back, too: it may have just started.
    if (turned && succeeded) endpoint.addedAt = this.#options.clock.now();
    if (turned || result.exclude) health.changed();
    if (turned && succeeded) this.#onHealthy(endpoint, wasFirst);
    else if (turned) this.#onUnhealthy(endpoint, result.detail);
    else if (wasFirst && !succeeded) this.#tell('first-check-failed', endpoint, result.detail);
    if (succeeded && !endpoint.unhealthy) onCheckPassed(endpoint);
    this.#settleIfDone();
  }

  #join(endpoint: LiveEndpoint, settings: HealthCheck): void {
    const session = new HealthCheckSession(endpoint, settings, this);
    this.#sessions.set(endpoint, session);
    if (!endpoint.unhealthy) this.#options.stats.healthCheckHealthy++;
    session.start();
  }

  /** An endpoint may serve the configuration before for a while yet: it stays as it is. */
  #leave(session: HealthCheckSession): void {
    const { endpoint } = session;
    session.stop();
    this.#sessions.delete(endpoint);
    if (!endpoint.unhealthy) this.#options.stats.healthCheckHealthy--;
  }

  /** There are no checks any more. */
  #forget(endpoint: LiveEndpoint): void {
    endpoint.unhealthy = false;
    endpoint.excluded = false;
    endpoint.checkTimedOut = false;
    this.#options.health.changed();
  }

  #onHealthy(endpoint: LiveEndpoint, wasFirst: boolean): void {
    this.#options.stats.healthCheckHealthy++;
    this.#tell(wasFirst ? 'first-check-passed' : 'healthy', endpoint, '');
  }

  #onUnhealthy(endpoint: LiveEndpoint, reason: string): void {
    this.#options.stats.healthCheckHealthy--;
    endpoint.connections?.drain();
    this.#tell('unhealthy', endpoint, reason);
  }

  #tell(kind: HealthEvent['kind'], endpoint: LiveEndpoint, reason: string): void {
    this.#options.onHealthEvent({ kind, endpoint, reason });
  }

  #countFailure({ outcome }: ProbeResult): void {
    const { stats } = this.#options;
    stats.healthCheckFailure++;
    if (outcome === 'network-failure' || outcome === 'timeout') stats.healthCheckNetworkFailure++;
  }

  #isSettled(): boolean {
    for (const session of this.#sessions.values()) if (session.isFirst) return false;
    return true;
  }

  #settleIfDone(): void {
    if (this.#onSettled.length === 0 || !this.#isSettled()) return;
    for (const resolve of this.#onSettled.splice(0)) resolve();
  }
}

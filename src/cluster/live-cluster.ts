/**
 * A cluster at run time: chooses endpoints, hears how requests to them went. What must outlive a
 * reload (endpoints, counts, ejections) is shared with the cluster of the same name before; both
 * may serve requests at the same time, each by its own configuration. Limits, outlier detection
 * and health checks, of which there is one each for both, follow the cluster that was adopted last.
 */

import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { CircuitBreakerState } from './circuit-breaker-state.ts';
import { ClusterHealth } from './cluster-health.ts';
import { ClusterStats } from './cluster-stats.ts';
import { ClusterMembers } from './discovery/cluster-members.ts';
import { cleanupIntervalMs, OriginalDestinations } from './discovery/original-destinations.ts';
import { type HealthCheckDependencies, HealthChecker } from './health/health-checker.ts';
import type { EndpointHealth, HealthLeader } from './health/health-leader.ts';
import type { LiveEndpoint } from './live-endpoint.ts';
import type { LoadBalancerContext } from './load-balancing/load-balancer-context.ts';
import { type LocalOriginFailure, OutlierDetector } from './outlier-detection/outlier-detector.ts';

export interface ClusterDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly hash64: Hash64;
  /** Absent: no checks are made. */
  readonly healthChecks?: HealthCheckDependencies;
  /** Absent: this process judges for itself who is healthy. */
  readonly leader?: HealthLeader;
}

export class LiveCluster {
  readonly model: Cluster;
  readonly name: string;
  readonly stats: ClusterStats;
  readonly breaker: CircuitBreakerState;

  readonly #dependencies: ClusterDependencies;
  readonly #health: ClusterHealth;
  readonly #detector: OutlierDetector;
  readonly #checker: HealthChecker | null;
  readonly #originals: OriginalDestinations | null;
  readonly #members: ClusterMembers;
  #cleanupAt: number;
  /** Adopted, and no newer cluster of this name since: says which endpoints are watched, and how. */
  #isCurrent = false;

  /**
   * Changes nothing for `previous`, the cluster of the same name in the snapshot that serves. To be
   * adopted when it is the turn of this one.
   */
  constructor(model: Cluster, previous: LiveCluster | null, dependencies: ClusterDependencies) {
    this.model = model;
    this.name = model.name;
    this.#dependencies = dependencies;
    this.stats = previous?.stats ?? new ClusterStats();
    this.breaker = previous?.breaker ?? new CircuitBreakerState(model.circuitBreaker, this.stats);
    const { clock, healthChecks, leader } = dependencies;
    this.#health = previous === null ? new ClusterHealth() : previous.#health;
    this.#detector =
      previous === null
        ? new OutlierDetector({
            clock,
            health: this.#health,
            stats: this.stats,
            onHealthEvent: (event) => (leader ?? healthChecks)?.onHealthEvent(event),
          })
        : previous.#detector;
    this.#checker = this.#checkerFrom(previous);
    this.#originals = this.#originalsFrom(previous);
    this.#cleanupAt =
      this.#originals === null ? Number.POSITIVE_INFINITY : clock.now() + cleanupIntervalMs;
    this.#members = this.#membersAfter(previous);
  }

  /** This cluster serves from now on, in the place of `previous`. */
  adopt(previous: LiveCluster | null): void {
    if (previous !== null) previous.#isCurrent = false;
    this.#isCurrent = true;
    this.breaker.limits = this.model.circuitBreaker;
    const isSame = previous !== null && previous.#members.priorities === this.#members.priorities;
    // As in Envoy a cluster that begins without endpoints has not changed.
    const before = previous === null ? 0 : previous.endpoints.length;
    if (!isSame && before + this.endpoints.length > 0) this.stats.membershipChange++;
    this.#watch();
  }

  get endpoints(): readonly LiveEndpoint[] {
    if (this.#originals !== null) return this.#originals.endpoints;
    return this.#members.endpoints;
  }

  /** Envoy's gauge membership_healthy; membership_total is the length of `endpoints`. */
  get membershipHealthy(): number {
    return this.endpoints.filter((endpoint) => endpoint.available).length;
  }

  /** Null: no endpoint may be used, 503 UH. */
  chooseEndpoint(context: LoadBalancerContext): LiveEndpoint | null {
    const { destination, limits } = context;
    const endpoint =
      this.#originals === null || destination === null
        ? this.#members.priorities.choose(context)
        : this.#originals.choose(destination, limits.destinationsPerCluster);
    if (endpoint === null) this.stats.upstreamCxNoneHealthy++;
    return endpoint;
  }

  /**
   * New addresses from discovery. Endpoints that stay keep their state, those that left are
   * drained.
   */
  updateEndpoints(endpoints: readonly Endpoint[]): void {
    const before = this.endpoints;
    if (!this.#members.replace(endpoints) || !this.#isCurrent) return;
    this.stats.membershipChange++;
    this.#members.keepAvailable(before);
    this.#watch();
    drainMissing(before, this.endpoints);
  }

  /** Discovery has tried every name once: endpoints that it did not find are not kept for it. */
  onNamesTried(): void {
    this.#members.onNamesTried();
  }

  /** Drains connections to endpoints that the next cluster of this name no longer has. */
  retire(next: LiveCluster | null): void {
    drainMissing(this.endpoints, next === null ? [] : next.endpoints);
    if (next === null) this.#checker?.stop();
  }

  /**
   * Begins to check endpoints that the cluster before does not have, before this one is adopted.
   * Resolves when every endpoint has been checked once; null: there is nothing to wait for.
   */
  warmUp(): Promise<void> | null {
    const { healthCheck } = this.model;
    if (this.#checker === null || healthCheck === null) return null;
    // The others are of the cluster before: healthy, or checked already.
    const joining = this.endpoints.filter((endpoint) => endpoint.unhealthy);
    this.#checker.warmUp(healthCheck, joining);
    return this.#checker.settled();
  }

  /** `unhealthy` of an endpoint has changed. */
  onHealthChanged(): void {
    this.#health.changed();
  }

  /** An answer of the endpoint had x-envoy-immediate-health-check-fail. */
  onImmediateHealthCheckFail(endpoint: LiveEndpoint): void {
    const { leader } = this.#dependencies;
    if (leader === undefined) this.#checker?.failAtOnce(endpoint);
    else if (this.model.healthCheck !== null) leader.onImmediateHealthCheckFail(endpoint);
  }

  /** A process that follows this one has ejected it. False: it is to be taken back. */
  onEjectedElsewhere(endpoint: LiveEndpoint): boolean {
    return this.#detector.onEjectedElsewhere(endpoint);
  }

  /** What the leader says of an endpoint, which may not be here any more. */
  followHealth(health: EndpointHealth): void {
    const endpoint = this.endpoints.find(({ key }) => key === health.key);
    if (endpoint === undefined) return;
    this.#detector.follow(endpoint, health.ejected);
    if (this.model.healthCheck === null) return;
    const turned = endpoint.unhealthy !== health.unhealthy;
    endpoint.unhealthy = health.unhealthy;
    endpoint.excluded = health.excluded;
    endpoint.checkTimedOut = health.checkTimedOut;
    if (turned && endpoint.unhealthy) endpoint.connections?.drain();
    else if (turned) endpoint.addedAt = this.#dependencies.clock.now();
    this.#health.changed();
  }

  /** A response head came. `status` is the HTTP status that a gRPC status stands for, if any. */
  onResponse(endpoint: LiveEndpoint, status: number): void {
    if (status >= 500) endpoint.requestsError++;
    else endpoint.requestsSuccess++;
    this.#detector.onResponse(endpoint, status);
  }

  /** The attempt ended without a response. Not for clients that left. */
  onLocalOriginFailure(endpoint: LiveEndpoint, kind: LocalOriginFailure): void {
    endpoint.requestsError++;
    if (kind === 'timeout') endpoint.requestsTimeout++;
    this.#detector.onLocalOriginFailure(endpoint, kind);
  }

  /** A request got its connection, new or reused. */
  onConnected(endpoint: LiveEndpoint): void {
    this.#detector.onConnected(endpoint);
  }

  /** The same for a TCP connection, of which no response will tell how it is. */
  onTcpConnected(endpoint: LiveEndpoint): void {
    this.#detector.onConnectedFinally(endpoint);
  }

  /** Clock.now() at which `tick` has something to do; infinite if never. */
  get nextTickAt(): number {
    const isLed = this.#dependencies.leader !== undefined;
    return isLed ? this.#cleanupAt : Math.min(this.#detector.nextTickAt, this.#cleanupAt);
  }

  /** Interval work. Calling it early does nothing. */
  tick(now: number): void {
    if (this.#dependencies.leader === undefined) this.#detector.tick(now);
    if (now >= this.#cleanupAt) {
      this.#originals?.cleanUp();
      this.#cleanupAt = now + cleanupIntervalMs;
    }
  }

  #checkerFrom(previous: LiveCluster | null): HealthChecker | null {
    const before = previous === null ? null : previous.#checker;
    const { healthChecks, clock, random } = this.#dependencies;
    if (before !== null || healthChecks === undefined || this.model.healthCheck === null) {
      return before;
    }
    return createChecker(healthChecks, {
      ...{ clock, random, health: this.#health, stats: this.stats },
      detector: this.#detector,
    });
  }

  #originalsFrom(previous: LiveCluster | null): OriginalDestinations | null {
    if (this.model.discovery !== 'original-dst') return null;
    const before = previous === null ? null : previous.#originals;
    return before ?? new OriginalDestinations(this.name);
  }

  #membersAfter(previous: LiveCluster | null): ClusterMembers {
    const { model, stats } = this;
    const isChecked = this.#checker !== null || this.#dependencies.leader !== undefined;
    return new ClusterMembers(
      { model, stats, health: this.#health, awaitsCheck: isChecked && model.healthCheck !== null },
      this.#dependencies,
      previous === null ? null : previous.#members,
      previous === null ? [] : previous.endpoints,
    );
  }

  #watch(): void {
    const members = this.#members.priorities.members.map(({ endpoint, model }) => {
      endpoint.model = model;
      return endpoint;
    });
    this.#detector.watch(this.model.outlierDetection, members);
    this.#checker?.watch(this.model.healthCheck, members);
    const { leader } = this.#dependencies;
    if (leader === undefined) return;
    for (const { key } of members) {
      const known = leader.healthOf(this.name, key);
      if (known !== null) this.followHealth(known);
    }
  }
}

/** What a checker takes over from the cluster that makes it. */
interface CheckedCluster {
  readonly clock: Clock;
  readonly random: Random;
  readonly health: ClusterHealth;
  readonly stats: ClusterStats;
  readonly detector: OutlierDetector;
}

/** It outlives the cluster that makes it, and must not hold on to it. */
function createChecker(
  healthChecks: HealthCheckDependencies,
  { detector, ...cluster }: CheckedCluster,
): HealthChecker {
  const { wheel, prober } = healthChecks;
  return new HealthChecker({
    ...{ ...cluster, wheel, prober },
    onHealthEvent: (event) => healthChecks.onHealthEvent(event),
    onCheckPassed: (endpoint) => detector.onCheckPassed(endpoint),
  });
}

function drainMissing(before: readonly LiveEndpoint[], after: readonly LiveEndpoint[]): void {
  const staying = new Set(after);
  for (const endpoint of before) {
    if (!staying.has(endpoint)) endpoint.connections?.drain();
  }
}

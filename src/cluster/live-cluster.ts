/**
 * A cluster at run time: chooses endpoints, hears how requests to them went. What must outlive a
 * reload (endpoints, counts, ejections) is shared with the cluster of the same name before; both
 * may serve requests at the same time, each by its own configuration. Limits, outlier detection
 * and health checks, of which there is one each for both, follow the cluster that was adopted last.
 */

import type { Clock } from '../base/clock.ts';
import { isDeepStrictEqual } from '../base/node-util.ts';
import type { Random } from '../base/random.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { localityKey } from '../model/locality.ts';
import { CircuitBreakerState } from './circuit-breaker-state.ts';
import { ClusterHealth } from './cluster-health.ts';
import { ClusterStats } from './cluster-stats.ts';
import { cleanupIntervalMs, OriginalDestinations } from './discovery/original-destinations.ts';
import { type HealthCheckDependencies, HealthChecker } from './health/health-checker.ts';
import type { EndpointHealth, HealthLeader } from './health/health-leader.ts';
import { endpointKey, LiveEndpoint } from './live-endpoint.ts';
import type { LoadBalancerContext } from './load-balancing/load-balancer-context.ts';
import { type Member, PrioritySet } from './load-balancing/priority-set.ts';
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
  #cleanupAt: number;
  /** What the priorities were built from: the model's endpoints, or what DNS says of them. */
  #resolved: readonly Endpoint[];
  /** Endpoints of clusters before, until every name has been tried: DNS may find them here too. */
  #inherited: readonly LiveEndpoint[];
  #priorities: PrioritySet;
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
    this.#resolved = this.#resolvedFrom(previous);
    const known = previous === null ? [] : [...previous.#inherited, ...previous.endpoints];
    this.#inherited = isByName(model) ? [...new Set(known)] : [];
    this.#priorities = this.#prioritiesOf(previous) ?? this.#build(known);
  }

  /** This cluster serves from now on, in the place of `previous`. */
  adopt(previous: LiveCluster | null): void {
    if (previous !== null) previous.#isCurrent = false;
    this.#isCurrent = true;
    this.breaker.limits = this.model.circuitBreaker;
    const isSame = previous !== null && previous.#priorities === this.#priorities;
    // As in Envoy a cluster that begins without endpoints has not changed.
    const before = previous === null ? 0 : previous.endpoints.length;
    if (!isSame && before + this.endpoints.length > 0) this.stats.membershipChange++;
    this.#watch();
  }

  get endpoints(): readonly LiveEndpoint[] {
    if (this.#originals !== null) return this.#originals.endpoints;
    return this.#priorities.members.map((member) => member.endpoint);
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
        ? this.#priorities.choose(context)
        : this.#originals.choose(destination, limits.destinationsPerCluster);
    if (endpoint === null) this.stats.upstreamCxNoneHealthy++;
    return endpoint;
  }

  /**
   * New addresses from discovery. Endpoints that stay keep their state, those that left are
   * drained.
   */
  updateEndpoints(endpoints: readonly Endpoint[]): void {
    if (isDeepStrictEqual(endpoints, this.#resolved)) return;
    const before = this.endpoints;
    this.#resolved = endpoints;
    this.#priorities = this.#build([...this.#inherited, ...before]);
    if (!this.#isCurrent) return;
    this.stats.membershipChange++;
    this.#keepAvailable(before);
    this.#watch();
    drainMissing(before, this.endpoints);
  }

  /** Discovery has tried every name once: endpoints that it did not find are not kept for it. */
  onNamesTried(): void {
    this.#inherited = [];
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

  /** Endpoints that are names have no address before DNS answers, unless it has before. */
  #resolvedFrom(previous: LiveCluster | null): readonly Endpoint[] {
    const { discovery, endpoints } = this.model;
    if (discovery === 'static') return endpoints;
    if (discovery === 'original-dst' || previous === null) return [];
    const isSame =
      discovery === previous.model.discovery &&
      isDeepStrictEqual(endpoints, previous.model.endpoints);
    return isSame ? previous.#resolved : [];
  }

  /** The same endpoints and policy need no second set, whose tables may be large. */
  #prioritiesOf(previous: LiveCluster | null): PrioritySet | null {
    if (previous === null) return null;
    const { model } = this;
    const before = previous.model;
    const isSame =
      model.panicThresholdPercent === before.panicThresholdPercent &&
      isDeepStrictEqual(model.loadBalancer, before.loadBalancer) &&
      isDeepStrictEqual(this.#resolved, previous.#resolved);
    return isSame ? previous.#priorities : null;
  }

  #build(known: readonly LiveEndpoint[]): PrioritySet {
    const { model } = this;
    return new PrioritySet(
      {
        members: this.#membersOf(known),
        loadBalancer: model.loadBalancer,
        panicThresholdPercent: model.panicThresholdPercent,
        health: this.#health,
        stats: this.stats,
      },
      this.#dependencies,
    );
  }

  #membersOf(known: readonly LiveEndpoint[]): readonly Member[] {
    const byKey = new Map(known.map((endpoint) => [endpoint.key, endpoint]));
    const members = new Map<string, Member>();
    for (const model of this.#resolved) {
      const key = endpointKey(model.address, model.port);
      // An address that is listed twice counts once, as in Envoy.
      if (members.has(key)) continue;
      const endpoint = byKey.get(key) ?? this.#join(model);
      members.set(key, memberOf(endpoint, model));
    }
    return [...members.values()];
  }

  #watch(): void {
    const members = this.#priorities.members.map(({ endpoint, model }) => {
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

  /**
   * New endpoints wait for their first check, unless nothing else is left: discovery that replaces
   * all of them must not leave a moment without any.
   */
  #keepAvailable(before: readonly LiveEndpoint[]): void {
    const known = new Set(before);
    const { members } = this.#priorities;
    if (!before.some((endpoint) => endpoint.available)) return;
    if (members.some(({ endpoint }) => endpoint.available)) return;
    for (const { endpoint } of members) if (!known.has(endpoint)) endpoint.unhealthy = false;
    this.#health.changed();
  }

  #join(model: Endpoint): LiveEndpoint {
    const endpoint = new LiveEndpoint(this.name, model.address, model.port);
    endpoint.model = model;
    endpoint.addedAt = this.#dependencies.clock.now();
    // Envoy: nothing is sent there before a check has passed.
    const isChecked = this.#checker !== null || this.#dependencies.leader !== undefined;
    endpoint.unhealthy = isChecked && this.model.healthCheck !== null;
    return endpoint;
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

function memberOf(endpoint: LiveEndpoint, model: Endpoint): Member {
  const { localityWeight } = model;
  const locality =
    localityWeight === null ? null : { key: localityKey(model.locality), weight: localityWeight };
  return { endpoint, model, locality };
}

function isByName({ discovery }: Cluster): boolean {
  return discovery === 'strict-dns' || discovery === 'logical-dns';
}

function drainMissing(before: readonly LiveEndpoint[], after: readonly LiveEndpoint[]): void {
  const staying = new Set(after);
  for (const endpoint of before) {
    if (!staying.has(endpoint)) endpoint.connections?.drain();
  }
}

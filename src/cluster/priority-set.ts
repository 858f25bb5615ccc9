/**
 * The endpoints of a cluster by priority, each priority with its own balancer over those that are
 * healthy. Membership does not change: other endpoints make another set. Health does.
 */

import type { LoadBalancerPolicy } from '../model/cluster-policy.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { ClusterHealth } from './cluster-health.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { BalancerDependencies } from './create-load-balancer.ts';
import { HashKey } from './hash-key.ts';
import { createLevelBalancer, type LevelBalancer } from './level-balancer.ts';
import type { LiveEndpoint } from './live-endpoint.ts';
import type { LoadBalancerContext } from './load-balancer-context.ts';
import type { PriorityState } from './previous-priorities.ts';
import { availabilityPercent, type PriorityHealth, sharePriorityLoad } from './priority-load.ts';

/** An endpoint with what the configuration of this set says of it. */
export interface Member {
  readonly endpoint: LiveEndpoint;
  readonly model: Endpoint;
  /** Where localities of a priority are weighed: which it is in, and what that one weighs. */
  readonly locality: { readonly key: string; readonly weight: number } | null;
}

export interface PrioritySetOptions {
  readonly members: readonly Member[];
  readonly loadBalancer: LoadBalancerPolicy;
  readonly panicThresholdPercent: number;
  readonly health: ClusterHealth;
  readonly stats: ClusterStats;
}

interface Level {
  readonly members: readonly Member[];
  readonly balancer: LevelBalancer;
  percent: number;
  panic: boolean;
}

export class PrioritySet {
  readonly members: readonly Member[];
  readonly #levels: readonly Level[];
  readonly #hashes: boolean;
  readonly #panicThresholdPercent: number;
  readonly #health: ClusterHealth;
  readonly #stats: ClusterStats;
  readonly #dependencies: BalancerDependencies;
  readonly #key = new HashKey();
  /** The version of the health that the levels were filled from. */
  #version = 0;
  /** The level that gets everything, which is the usual case; null: drawn for each request. */
  #only: Level | null = null;

  constructor(options: PrioritySetOptions, dependencies: BalancerDependencies) {
    const { members, loadBalancer } = options;
    this.members = members;
    this.#hashes = loadBalancer.policy === 'RING_HASH' || loadBalancer.policy === 'MAGLEV';
    this.#panicThresholdPercent = options.panicThresholdPercent;
    this.#health = options.health;
    this.#stats = options.stats;
    this.#dependencies = dependencies;
    const priorities = new Set(members.map((member) => member.model.priority));
    this.#levels = [...priorities]
      .sort((left, right) => left - right)
      .map((priority) => {
        const ofLevel = members.filter((member) => member.model.priority === priority);
        const balancer = createLevelBalancer(ofLevel, loadBalancer, dependencies);
        return { members: ofLevel, balancer, percent: 0, panic: false };
      });
    this.#refresh();
  }

  /** Null: no endpoint may be used. */
  choose(context: LoadBalancerContext): LiveEndpoint | null {
    if (this.#version !== this.#health.version) this.#refresh();
    if (this.#hashes) {
      // One key for all attempts: a retry goes on from where the first choice fell.
      if (context.hash === null) this.#key.draw(this.#dependencies.random);
      else this.#key.set(context.hash);
    }
    const { tried, previousPriorities } = context;
    const shares =
      previousPriorities === null ? null : previousPriorities.sharesOf(this.#priorityStates());
    let endpoint = this.#pick(0, shares);
    if (tried === null) return endpoint;
    for (let attempt = 1; attempt <= context.maxAttempts; attempt++) {
      if (endpoint === null || !tried.includes(endpoint)) return endpoint;
      endpoint = this.#pick(attempt, shares);
    }
    return endpoint;
  }

  #refresh(): void {
    this.#version = this.#health.version;
    const healthy = this.#levels.map((level) => level.members.filter(isAvailable));
    const loads = sharePriorityLoad(
      this.#levels.map((level, index) => healthOf(level, healthy[index]?.length ?? 0)),
      this.#panicThresholdPercent,
    );
    this.#levels.forEach((level, index) => {
      level.percent = loads[index]?.percent ?? 0;
      level.panic = loads[index]?.panic ?? false;
      if (level.panic) level.balancer.update(level.members, true);
      else level.balancer.update(healthy[index] ?? [], false);
    });
    this.#only = this.#levels.find((level) => level.percent === 100) ?? null;
  }

  /** For retries only. */
  #priorityStates(): readonly PriorityState[] {
    return this.#levels.map((level) => ({
      availabilityPercent: availabilityPercent(
        healthOf(level, level.members.filter(isAvailable).length),
      ),
      has: (endpoint) => level.members.some((member) => member.endpoint === endpoint),
    }));
  }

  /** `shares`: percentages of the levels that hold for this request; null: the usual ones. */
  #pick(attempt: number, shares: readonly number[] | null): LiveEndpoint | null {
    const level = shares === null && this.#only !== null ? this.#only : this.#drawLevel(shares);
    if (level === null) return null;
    if (level.panic) this.#stats.lbHealthyPanic++;
    return level.balancer.pick(this.#key, attempt);
  }

  #drawLevel(shares: readonly number[] | null): Level | null {
    if (!this.#hashes) this.#key.draw(this.#dependencies.random);
    let left = this.#key.modulo(100);
    for (const [index, level] of this.#levels.entries()) {
      const percent = shares === null ? level.percent : (shares[index] ?? 0);
      if (left < percent) return level;
      left -= percent;
    }
    return null;
  }
}

function isAvailable(member: Member): boolean {
  return member.endpoint.available;
}

function isIncluded(member: Member): boolean {
  return !member.endpoint.excluded;
}

function healthOf(level: Level, healthy: number): PriorityHealth {
  return { healthy, total: level.members.filter(isIncluded).length };
}

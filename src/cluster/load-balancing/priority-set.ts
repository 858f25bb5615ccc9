/**
 * The endpoints of a cluster by priority, each priority with its own balancer over those that are
 * healthy. Membership does not change: other endpoints make another set. Health does.
 */

import type { LoadBalancerPolicy } from '../../model/cluster-policy.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { ClusterHealth } from '../cluster-health.ts';
import type { ClusterStats } from '../cluster-stats.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import type { BalancerDependencies } from './create-load-balancer.ts';
import { HashKey } from './hash-key.ts';
import type { LoadBalancerContext } from './load-balancer-context.ts';
import type { PriorityState } from './previous-priorities.ts';
import { createPriorityBalancer, type PriorityBalancer } from './priority-balancer.ts';
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

interface Priority {
  readonly members: readonly Member[];
  readonly balancer: PriorityBalancer;
  percent: number;
  panic: boolean;
}

export class PrioritySet {
  readonly members: readonly Member[];
  readonly #priorities: readonly Priority[];
  readonly #hashes: boolean;
  readonly #panicThresholdPercent: number;
  readonly #health: ClusterHealth;
  readonly #stats: ClusterStats;
  readonly #dependencies: BalancerDependencies;
  readonly #key = new HashKey();
  /** The version of the health that the priorities were filled from. */
  #version = 0;
  /** The priority that gets everything, which is the usual case; null: drawn for each request. */
  #only: Priority | null = null;

  constructor(options: PrioritySetOptions, dependencies: BalancerDependencies) {
    const { members, loadBalancer } = options;
    this.members = members;
    this.#hashes = loadBalancer.policy === 'RING_HASH' || loadBalancer.policy === 'MAGLEV';
    this.#panicThresholdPercent = options.panicThresholdPercent;
    this.#health = options.health;
    this.#stats = options.stats;
    this.#dependencies = dependencies;
    const numbers = new Set(members.map((member) => member.model.priority));
    this.#priorities = [...numbers]
      .sort((left, right) => left - right)
      .map((number) => {
        const own = members.filter((member) => member.model.priority === number);
        const balancer = createPriorityBalancer(own, loadBalancer, dependencies);
        return { members: own, balancer, percent: 0, panic: false };
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
    const healthy = this.#priorities.map((priority) => priority.members.filter(isAvailable));
    const loads = sharePriorityLoad(
      this.#priorities.map((priority, index) => healthOf(priority, healthy[index]?.length ?? 0)),
      this.#panicThresholdPercent,
    );
    this.#priorities.forEach((priority, index) => {
      priority.percent = loads[index]?.percent ?? 0;
      priority.panic = loads[index]?.panic ?? false;
      if (priority.panic) priority.balancer.update(priority.members, true);
      else priority.balancer.update(healthy[index] ?? [], false);
    });
    this.#only = this.#priorities.find((priority) => priority.percent === 100) ?? null;
  }

  /** For retries only. */
  #priorityStates(): readonly PriorityState[] {
    return this.#priorities.map((priority) => ({
      availabilityPercent: availabilityPercent(
        healthOf(priority, priority.members.filter(isAvailable).length),
      ),
      has: (endpoint) => priority.members.some((member) => member.endpoint === endpoint),
    }));
  }

  /** `shares`: percentages of the priorities that hold for this request; null: the usual ones. */
  #pick(attempt: number, shares: readonly number[] | null): LiveEndpoint | null {
    const priority =
      shares === null && this.#only !== null ? this.#only : this.#drawPriority(shares);
    if (priority === null) return null;
    if (priority.panic) this.#stats.lbHealthyPanic++;
    return priority.balancer.pick(this.#key, attempt);
  }

  #drawPriority(shares: readonly number[] | null): Priority | null {
    if (!this.#hashes) this.#key.draw(this.#dependencies.random);
    let left = this.#key.modulo(100);
    for (const [index, priority] of this.#priorities.entries()) {
      const percent = shares === null ? priority.percent : (shares[index] ?? 0);
      if (left < percent) return priority;
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

function healthOf(priority: Priority, healthy: number): PriorityHealth {
  return { healthy, total: priority.members.filter(isIncluded).length };
}

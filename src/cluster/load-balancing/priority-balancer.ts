/**
 * Chooses among the endpoints of one priority: at once, or first a locality by its weight and then
 * one of its endpoints (Envoy's locality weighted load balancing). A locality keeps its full share
 * while `healthy * 1.4` covers its endpoints; below that its share shrinks with them.
 */

import type { LoadBalancerPolicy } from '../../model/cluster-policy.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { type BalancerDependencies, createLoadBalancer } from './create-load-balancer.ts';
import type { HashKey } from './hash-key.ts';
import type { Candidates, LoadBalancer } from './load-balancer.ts';
import { overprovisioningPercent } from './priority-load.ts';
import type { Member } from './priority-set.ts';

export interface PriorityBalancer {
  /** `usable`: the healthy members; all of them, whatever their localities, in a `panic`. */
  update(usable: readonly Member[], panic: boolean): void;
  /** See LoadBalancer. */
  pick(key: HashKey, attempt: number): LiveEndpoint | null;
}

export function createPriorityBalancer(
  members: readonly Member[],
  policy: LoadBalancerPolicy,
  dependencies: BalancerDependencies,
): PriorityBalancer {
  const keys = new Set(members.map(({ locality }) => locality?.key ?? null));
  const create = (): LoadBalancer => createLoadBalancer(policy, dependencies);
  if (keys.size < 2) return new SingleBalancer(create(), weightOf);
  if (policy.policy !== 'RING_HASH' && policy.policy !== 'MAGLEV') {
    return new LocalityBalancer(members, create);
  }
  return new SingleBalancer(create(), null);
}

type WeightOf = (member: Member) => number;

function weightOf({ model }: Member): number {
  return model.weight;
}

/** One balancer for all. For hash tables the localities are in the weights. */
class SingleBalancer implements PriorityBalancer {
  readonly #balancer: LoadBalancer;
  readonly #weightOf: WeightOf | null;

  /** Without `weightOf` a locality's weight is shared by its usable endpoints. */
  constructor(balancer: LoadBalancer, weightOf: WeightOf | null) {
    this.#balancer = balancer;
    this.#weightOf = weightOf;
  }

  update(usable: readonly Member[]): void {
    this.#balancer.update(candidatesOf(usable, this.#weightOf ?? shareOfLocality(usable)));
  }

  pick(key: HashKey, attempt: number): LiveEndpoint | null {
    return this.#balancer.pick(key, attempt);
  }
}

interface Group {
  readonly key: string;
  readonly members: readonly Member[];
  readonly balancer: LoadBalancer;
  /** What its endpoints leave of its weight. */
  weight: number;
  /** Rises by `weight` with each choice and falls by all weights when it is chosen. */
  credit: number;
}

class LocalityBalancer implements PriorityBalancer {
  readonly #groups: readonly Group[];
  /** For a panic, in which localities do not count. */
  readonly #whole: LoadBalancer;
  #panic = false;
  #totalWeight = 0;

  constructor(members: readonly Member[], create: () => LoadBalancer) {
    const keys = [...new Set(members.map(localityKey))];
    this.#groups = keys.map((key) => ({
      key,
      members: members.filter((member) => localityKey(member) === key),
      balancer: create(),
      weight: 0,
      credit: 0,
    }));
    this.#whole = create();
  }

  update(usable: readonly Member[], panic: boolean): void {
    this.#panic = panic;
    this.#totalWeight = 0;
    if (panic) {
      this.#whole.update(candidatesOf(usable, weightOf));
      return;
    }
    for (const group of this.#groups) {
      const healthy = usable.filter((member) => localityKey(member) === group.key);
      group.weight = effectiveWeight(group, healthy.length);
      group.credit = 0;
      this.#totalWeight += group.weight;
      group.balancer.update(candidatesOf(healthy, weightOf));
    }
  }

  pick(key: HashKey, attempt: number): LiveEndpoint | null {
    const balancer = this.#panic ? this.#whole : this.#nextGroup();
    return balancer === null ? null : balancer.pick(key, attempt);
  }

  /** In turns that keep the shares exact over any stretch of choices. */
  #nextGroup(): LoadBalancer | null {
    let best: Group | null = null;
    for (const group of this.#groups) {
      if (group.weight === 0) continue;
      group.credit += group.weight;
      if (best === null || group.credit > best.credit) best = group;
    }
    if (best === null) return null;
    best.credit -= this.#totalWeight;
    return best.balancer;
  }
}

function localityKey({ locality }: Member): string {
  return locality?.key ?? '';
}

function effectiveWeight({ members }: Group, healthy: number): number {
  const included = members.filter(({ endpoint }) => !endpoint.excluded).length;
  if (included === 0) return 0;
  const availability = Math.min(1, ((overprovisioningPercent / 100) * healthy) / included);
  return (members[0]?.locality?.weight ?? 1) * availability;
}

function shareOfLocality(usable: readonly Member[]): WeightOf {
  const sums = new Map<string, number>();
  for (const member of usable) {
    const key = localityKey(member);
    sums.set(key, (sums.get(key) ?? 0) + member.model.weight);
  }
  return (member) =>
    ((member.locality?.weight ?? 1) * member.model.weight) / (sums.get(localityKey(member)) ?? 1);
}

function candidatesOf(members: readonly Member[], weight: WeightOf): Candidates {
  return { endpoints: members.map(({ endpoint }) => endpoint), weights: members.map(weight) };
}

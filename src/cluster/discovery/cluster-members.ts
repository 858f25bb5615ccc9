/**
 * Who belongs to a cluster: the endpoints of its configuration, or those that its names stand for
 * at the moment. An endpoint that was known before stays the same one, however it is found again.
 */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { localityKey } from '../../model/locality.ts';
import type { ClusterHealth } from '../cluster-health.ts';
import type { ClusterStats } from '../cluster-stats.ts';
import { endpointKey, LiveEndpoint } from '../live-endpoint.ts';
import type { BalancerDependencies } from '../load-balancing/create-load-balancer.ts';
import { type Member, PrioritySet } from '../load-balancing/priority-set.ts';

export interface ClusterMembersOptions {
  readonly model: Cluster;
  readonly health: ClusterHealth;
  readonly stats: ClusterStats;
  /** Envoy: nothing is sent to an endpoint that joins before a check has passed. */
  readonly awaitsCheck: boolean;
}

export class ClusterMembers {
  readonly #options: ClusterMembersOptions;
  readonly #dependencies: BalancerDependencies;
  /** What the priorities were built from: the model's endpoints, or what DNS says of them. */
  #resolved: readonly Endpoint[];
  /** Endpoints of clusters before, until every name has been tried: DNS may find them here too. */
  #inherited: readonly LiveEndpoint[];
  #priorities: PrioritySet;

  /** Changes nothing for `previous`. `present`: the endpoints of that cluster, of every kind. */
  constructor(
    options: ClusterMembersOptions,
    dependencies: BalancerDependencies,
    previous: ClusterMembers | null,
    present: readonly LiveEndpoint[],
  ) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#resolved = this.#resolvedFrom(previous);
    const known = previous === null ? [] : [...previous.#inherited, ...present];
    this.#inherited = isByName(options.model) ? [...new Set(known)] : [];
    this.#priorities = this.#prioritiesOf(previous) ?? this.#build(known);
  }

  get priorities(): PrioritySet {
    return this.#priorities;
  }

  get endpoints(): readonly LiveEndpoint[] {
    return this.#priorities.members.map((member) => member.endpoint);
  }

  /** New addresses from discovery. False: they are those of before. */
  replace(endpoints: readonly Endpoint[]): boolean {
    if (isDeepStrictEqual(endpoints, this.#resolved)) return false;
    this.#resolved = endpoints;
    this.#priorities = this.#build([...this.#inherited, ...this.endpoints]);
    return true;
  }

  /** Discovery has tried every name once: endpoints that it did not find are not kept for it. */
  onNamesTried(): void {
    this.#inherited = [];
  }

  /**
   * New endpoints wait for their first check, unless nothing else is left: discovery that replaces
   * all of them must not leave a moment without any.
   */
  keepAvailable(before: readonly LiveEndpoint[]): void {
    const known = new Set(before);
    const { endpoints } = this;
    if (!before.some((endpoint) => endpoint.available)) return;
    if (endpoints.some((endpoint) => endpoint.available)) return;
    for (const endpoint of endpoints) if (!known.has(endpoint)) endpoint.unhealthy = false;
    this.#options.health.changed();
  }

  /** Endpoints that are names have no address before DNS answers, unless it has before. */
  #resolvedFrom(previous: ClusterMembers | null): readonly Endpoint[] {
    const { discovery, endpoints } = this.#options.model;
    if (discovery === 'static') return endpoints;
    if (discovery === 'original-dst' || previous === null) return [];
    const before = previous.#options.model;
    const isSame = discovery === before.discovery && isDeepStrictEqual(endpoints, before.endpoints);
    return isSame ? previous.#resolved : [];
  }

  /** The same endpoints and policy need no second set, whose tables may be large. */
  #prioritiesOf(previous: ClusterMembers | null): PrioritySet | null {
    if (previous === null) return null;
    const { model } = this.#options;
    const before = previous.#options.model;
    const isSame =
      model.panicThresholdPercent === before.panicThresholdPercent &&
      isDeepStrictEqual(model.loadBalancer, before.loadBalancer) &&
      isDeepStrictEqual(this.#resolved, previous.#resolved);
    return isSame ? previous.#priorities : null;
  }

  #build(known: readonly LiveEndpoint[]): PrioritySet {
    const { model, health, stats } = this.#options;
    return new PrioritySet(
      {
        members: this.#membersOf(known),
        loadBalancer: model.loadBalancer,
        panicThresholdPercent: model.panicThresholdPercent,
        health,
        stats,
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

  #join(model: Endpoint): LiveEndpoint {
    const endpoint = new LiveEndpoint(this.#options.model.name, model.address, model.port);
    endpoint.model = model;
    endpoint.addedAt = this.#dependencies.clock.now();
    endpoint.unhealthy = this.#options.awaitsCheck;
    return endpoint;
  }
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

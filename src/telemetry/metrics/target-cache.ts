/**
 * Remembers where exchanges with one endpoint are counted, so that labels are worked out once. What
 * it keeps is bounded, whatever clients and upstreams make up: beyond that it begins anew.
 */

import type { Cluster } from '../../model/cluster.ts';
import type { Endpoint } from '../../model/endpoint.ts';

/** Above what a busy mesh has between two configurations, and a few megabytes. */
const maxKept = 16_384;

/** Of one endpoint, or of none, and one set of values that tags have. */
export class Target<Slots> {
  readonly slots = new Map<number, Slots>();
  /** Of gRPC, by its status. */
  grpc: Map<number, Map<number, Slots>> | null = null;
  tagged: Map<string, Target<Slots>> | null = null;
}

class ClusterTargets<Slots> {
  readonly byEndpoint = new WeakMap<Endpoint, Target<Slots>>();
  readonly withoutEndpoint = new Target<Slots>();
}

export class TargetCache<Slots> {
  /** Weak, so that the objects of a replaced configuration can go. */
  #byCluster = new WeakMap<Cluster, ClusterTargets<Slots>>();
  #withoutCluster = new Target<Slots>();
  #kept = 0;

  /** `tags`: what else the labels depend on; null: nothing. */
  targetOf(cluster: Cluster | null, endpoint: Endpoint | null, tags: string | null): Target<Slots> {
    const target = this.#plainTarget(cluster, endpoint);
    if (tags === null) return target;
    target.tagged ??= new Map();
    let tagged = target.tagged.get(tags);
    if (tagged === undefined) {
      tagged = new Target();
      target.tagged.set(tags, tagged);
      this.noteKept();
    }
    return tagged;
  }

  /** One more entry is kept in a target. */
  noteKept(): void {
    this.#kept++;
    if (this.#kept > maxKept) this.clear();
  }

  clear(): void {
    this.#byCluster = new WeakMap();
    this.#withoutCluster = new Target();
    this.#kept = 0;
  }

  #plainTarget(cluster: Cluster | null, endpoint: Endpoint | null): Target<Slots> {
    if (cluster === null) return this.#withoutCluster;
    let targets = this.#byCluster.get(cluster);
    if (targets === undefined) {
      targets = new ClusterTargets();
      this.#byCluster.set(cluster, targets);
    }
    if (endpoint === null) return targets.withoutEndpoint;
    let target = targets.byEndpoint.get(endpoint);
    if (target === undefined) {
      target = new Target();
      targets.byEndpoint.set(endpoint, target);
    }
    return target;
  }
}

/** How listeners and clusters have come, changed and gone: Envoy's two managers. */

import { isDeepStrictEqual } from '../base/node-util.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Sample } from '../telemetry/metrics/sample.ts';

/** What there is now. */
export interface Managed {
  readonly listeners: number;
  readonly drainingListeners: number;
  readonly clusters: number;
  readonly warmingClusters: number;
}

/** Of one kind of resource. */
class Changes {
  added = 0;
  modified = 0;
  removed = 0;

  note<Resource extends { readonly name: string }>(
    before: readonly Resource[],
    after: readonly Resource[],
  ): void {
    const known = new Map(before.map((resource) => [resource.name, resource]));
    for (const resource of after) {
      const previous = known.get(resource.name);
      known.delete(resource.name);
      if (previous === undefined) this.added++;
      else if (!isDeepStrictEqual(previous, resource)) this.modified++;
    }
    this.removed += known.size;
  }
}

export class ManagerStats {
  readonly #listeners = new Changes();
  readonly #clusters = new Changes();
  #failedListeners = 0;

  /** `before` null: there was none. `failed`: listeners that could not be bound. */
  published(before: Mesh | null, after: Mesh, failed: number): void {
    this.#listeners.note(before?.listeners ?? [], after.listeners);
    this.#clusters.note(before?.clusters ?? [], after.clusters);
    this.#failedListeners += failed;
  }

  *samples(now: Managed): Iterable<Sample> {
    const listeners = this.#listeners;
    const clusters = this.#clusters;
    const failed = this.#failedListeners;
    const created = listeners.added + listeners.modified - failed;
    yield counter('listener_manager.listener_added', listeners.added);
    yield counter('listener_manager.listener_modified', listeners.modified);
    yield counter('listener_manager.listener_removed', listeners.removed);
    yield counter('listener_manager.listener_create_success', created);
    yield counter('listener_manager.listener_create_failure', failed);
    yield gauge('listener_manager.total_listeners_active', now.listeners);
    yield gauge('listener_manager.total_listeners_draining', now.drainingListeners);
    yield gauge('listener_manager.workers_started', 1);
    yield counter('cluster_manager.cluster_added', clusters.added);
    yield counter('cluster_manager.cluster_modified', clusters.modified);
    yield counter('cluster_manager.cluster_removed', clusters.removed);
    yield gauge('cluster_manager.active_clusters', now.clusters);
    yield gauge('cluster_manager.warming_clusters', now.warmingClusters);
  }
}

function counter(name: string, value: number): Sample {
  return { kind: 'counter', name, value };
}

function gauge(name: string, value: number): Sample {
  return { kind: 'gauge', name, value };
}

/** Health of endpoints as the primary tells it to a worker, and what the worker has to tell it. */

import type { HealthEvent } from '../../cluster/health/health-event.ts';
import type { EndpointHealth, HealthLeader } from '../../cluster/health/health-leader.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { Notice } from './messages.ts';

export interface FollowedHealthParts {
  tell(notice: Notice): void;
  /** For the log. */
  onHealthEvent(event: HealthEvent): void;
}

export class FollowedHealth implements HealthLeader {
  readonly #parts: FollowedHealthParts;
  #known = new Map<string, EndpointHealth>();

  constructor(parts: FollowedHealthParts) {
    this.#parts = parts;
  }

  /** All that the primary knows. */
  replace(all: readonly EndpointHealth[]): void {
    this.#known = new Map(all.map((health) => [keyOf(health.cluster, health.key), health]));
  }

  note(health: EndpointHealth): void {
    this.#known.set(keyOf(health.cluster, health.key), health);
  }

  healthOf(cluster: string, key: string): EndpointHealth | null {
    return this.#known.get(keyOf(cluster, key)) ?? null;
  }

  onHealthEvent(event: HealthEvent): void {
    const { kind, endpoint } = event;
    this.#parts.onHealthEvent(event);
    if (kind !== 'ejected') return;
    this.#parts.tell({ kind, cluster: endpoint.clusterName, endpoint: endpoint.key });
  }

  onImmediateHealthCheckFail({ clusterName, key, excluded }: LiveEndpoint): void {
    // Answers on their way say it again and again.
    if (excluded) return;
    this.#parts.tell({ kind: 'failed-at-once', cluster: clusterName, endpoint: key });
  }
}

function keyOf(cluster: string, endpoint: string): string {
  return `${cluster} ${endpoint}`;
}

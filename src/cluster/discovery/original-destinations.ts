/** Endpoints of an original-dst cluster: made when a request names them, dropped when unused. */

import { ownText } from '../../base/own-text.ts';
import { endpointKey, LiveEndpoint } from '../live-endpoint.ts';

export interface Destination {
  readonly address: string;
  readonly port: number;
}

/** Envoy's cleanup_interval. */
export const cleanupIntervalMs = 5_000;

export class OriginalDestinations {
  readonly #clusterName: string;
  readonly #endpoints = new Map<string, LiveEndpoint>();
  /** Chosen since the last cleanup. */
  readonly #used = new Set<LiveEndpoint>();

  constructor(clusterName: string) {
    this.#clusterName = clusterName;
  }

  get endpoints(): readonly LiveEndpoint[] {
    return [...this.#endpoints.values()];
  }

  /**
   * null: there are as many as clients may name, `limit`. Whether outlier detection has ejected a
   * destination does not matter, as in Envoy: there is no other to take in its place.
   */
  choose({ address, port }: Destination, limit: number): LiveEndpoint | null {
    const key = endpointKey(address, port);
    let endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) {
      if (this.#endpoints.size >= limit) return null;
      endpoint = new LiveEndpoint(this.#clusterName, ownText(address), port);
      this.#endpoints.set(endpoint.key, endpoint);
    }
    this.#used.add(endpoint);
    return endpoint;
  }

  cleanUp(): void {
    for (const [key, endpoint] of this.#endpoints) {
      if (this.#used.has(endpoint) || endpoint.activeRequests > 0) continue;
      this.#endpoints.delete(key);
      endpoint.connections?.drain();
    }
    this.#used.clear();
  }
}

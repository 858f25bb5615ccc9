/** Endpoints of an original-dst cluster: made when a request names them, dropped when unused. */

import { endpointKey, LiveEndpoint } from './live-endpoint.ts';

export interface Destination {
  readonly address: string;
  readonly port: number;
}

/** Clients choose the destinations: so many of them are known at one time. */
const maxDestinations = 10_000;

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

  /** null: there are as many as may be. */
  choose({ address, port }: Destination): LiveEndpoint | null {
    const key = endpointKey(address, port);
    let endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) {
      if (this.#endpoints.size >= maxDestinations) return null;
      endpoint = new LiveEndpoint(this.#clusterName, address, port);
      this.#endpoints.set(key, endpoint);
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

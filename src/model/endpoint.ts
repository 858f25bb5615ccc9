/** One address of a cluster. */

import type { Locality } from './locality.ts';

/** Who answers at an address: the labels of Istio's destination_* metrics. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  readonly canonicalName: string;
  readonly canonicalRevision: string;
}

export interface Endpoint {
  /** IP address, or a host name where the cluster's discovery is by DNS. */
  readonly address: string;
  readonly port: number;
  /** At least 1. */
  readonly weight: number;
  readonly locality: Locality;
  /** 0 is used first. */
  readonly priority: number;
  readonly workload: Workload | null;
  /**
   * Weight of its locality among those of its priority, at least 1; null: the locality does not
   * matter within a priority. Endpoints of one locality and priority have the same.
   */
  readonly localityWeight: number | null;
}

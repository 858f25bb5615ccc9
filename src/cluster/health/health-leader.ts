/**
 * Several processes may serve as one proxy. One of them leads: it makes the active checks, says
 * whether an ejection is one too many and when it ends. The others follow what it says.
 */

import type { LiveEndpoint } from '../live-endpoint.ts';
import type { HealthEvent } from './health-event.ts';

/** What is known of an endpoint; see the fields of these names in LiveEndpoint. Plain data. */
export interface EndpointHealth {
  readonly cluster: string;
  /** `address:port`. */
  readonly key: string;
  readonly ejected: boolean;
  readonly unhealthy: boolean;
  readonly excluded: boolean;
  readonly checkTimedOut: boolean;
}

/** The leader, as those see it that follow. */
export interface HealthLeader {
  /** null: it has not said anything of this endpoint. */
  healthOf(cluster: string, key: string): EndpointHealth | null;
  /** This process has ejected an endpoint. */
  onHealthEvent(event: HealthEvent): void;
  /** An answer to a request says that the endpoint is to get no more of them. */
  onImmediateHealthCheckFail(endpoint: LiveEndpoint): void;
}

export function healthOf(endpoint: LiveEndpoint): EndpointHealth {
  const { clusterName: cluster, key, ejected, unhealthy, excluded, checkTimedOut } = endpoint;
  return { cluster, key, ejected, unhealthy, excluded, checkTimedOut };
}

/** What choosing an endpoint may depend on. */

import type { Limits } from '../../model/limits.ts';
import type { Destination } from '../discovery/original-destinations.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import type { PreviousPriorities } from './previous-priorities.ts';

export interface LoadBalancerContext {
  /** Hash of the request for RING_HASH and MAGLEV, 64 bits; null: a random one. */
  readonly hash: bigint | null;
  /** Endpoints that a retry should not take again; null: any will do. */
  readonly tried: readonly LiveEndpoint[] | null;
  /**
   * How often the choice is repeated while it falls on a tried endpoint. After that the request
   * goes to a tried one, as in Envoy.
   */
  readonly maxAttempts: number;
  /** Where retries are to leave the priorities of endpoints that failed. */
  readonly previousPriorities: PreviousPriorities | null;
  /** Where the request itself wants to go, for CLUSTER_PROVIDED; null: it does not say. */
  readonly destination: Destination | null;
  /** Those of the listener that the request came in by. */
  readonly limits: Limits;
}

/** What health checks and outlier detection tell of an endpoint, for the log. */

import type { LiveEndpoint } from '../live-endpoint.ts';

/**
 * Envoy's HealthCheckEvent: an endpoint has turned, or had the first check of all; and its
 * OutlierDetectionEvent: it was taken out for its errors, or brought back.
 */
export interface HealthEvent {
  readonly kind:
    | 'healthy'
    | 'unhealthy'
    | 'first-check-passed'
    | 'first-check-failed'
    | 'ejected'
    | 'returned';
  readonly endpoint: LiveEndpoint;
  /** Why it gets no requests; empty when it does. */
  readonly reason: string;
}

/**
 * What a rule that was made from an Ingress or from the Gateway API asks beyond the fields of
 * VirtualService. No file can write it: the decoder knows nothing of it.
 */

import type {
  ConcurrencyLimit,
  LocalRateLimit,
  SourceIpRules,
} from '../../model/request-admission.ts';
import type { HashPolicy } from '../../model/route-policy.ts';
import type { Destination } from './destination.ts';

/** Answers with these statuses are replaced by what a service answers (nginx custom-http-errors). */
export interface ErrorResponses {
  /** 300 to 599. */
  readonly statuses: readonly number[];
  /** Also where a destination is not there, or has no endpoint that could be asked. */
  readonly withoutEndpoints?: boolean;
  /** By its full host name. */
  readonly destination: Destination;
  /** Told to that service with what the proxy adds itself (see `CustomResponsePolicy`). */
  readonly requestHeaders: Readonly<Record<string, string>>;
}

export interface RouteExtension {
  /**
   * Prefixes stop at a `/` under both. `gateway-api`: a destination that does not exist is answered
   * with 500, and a rewrite of a prefix to `/` leaves no double slash.
   */
  readonly semantics: 'ingress' | 'gateway-api';
  /** A prefix is plain text all the same: `/foo` matches `/foobar` (locations of nginx). */
  readonly plainPrefixes?: boolean;
  /** All must admit the request; none of them counts one that another refuses. */
  readonly rateLimits?: readonly LocalRateLimit[];
  readonly concurrencyLimits?: readonly ConcurrencyLimit[];
  readonly sourceIps?: SourceIpRules;
  /** Body of a request, in bytes: over it 413. */
  readonly maxRequestBytes?: number;
  readonly errorResponses?: ErrorResponses;
  /**
   * In place of what the destinations' own consistent hash looks at; the load balancer that uses it
   * is still that of the destination.
   */
  readonly hashPolicies?: readonly HashPolicy[];
  /**
   * Milliseconds without a byte from the endpoint: 504 before the head of its answer, a reset after
   * it (nginx proxy_read_timeout, Envoy idle_timeout of a route); at least 1.
   */
  readonly idleTimeoutMs?: number;
  /**
   * Milliseconds in which the endpoint takes nothing of a body that waits to be sent: 504 (nginx
   * proxy_send_timeout); at least 1.
   */
  readonly sendTimeoutMs?: number;
  /** The same as the annotation `sluice.dev/sticky-weights`, for this rule alone. */
  readonly stickyWeights?: boolean;
}

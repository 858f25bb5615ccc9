/**
 * What a rule that was made from an Ingress or from the Gateway API asks beyond the fields of
 * VirtualService. No file can write it: the decoder knows nothing of it.
 */

import type { Destination } from './destination.ts';
import type { ConsistentHash } from './load-balancer.ts';

export interface RouteExtension {
  /**
   * Prefixes stop at a `/` under both. `gateway-api`: a replaced prefix joins with one slash, and a
   * destination that does not exist is answered with 500.
   */
  readonly semantics: 'ingress' | 'gateway-api';
  /** A request must pass all of them; one that does not counts in none. nginx limit_req. */
  readonly rateLimits?: readonly RateLimit[];
  /** nginx limit_conn. */
  readonly concurrencyLimit?: ConcurrencyLimit;
  /** Looked at after the limits, as nginx does. */
  readonly sourceRanges?: SourceRanges;
  /** Greatest body of a request in bytes, 413 above; at least 1. nginx client_max_body_size. */
  readonly maxRequestBytes?: number;
  readonly errorPages?: ErrorPages;
  /**
   * Longest pause between two reads from the upstream, as a duration: 504 before the head of the
   * response, a reset after it. nginx proxy_read_timeout.
   */
  readonly idleTimeout?: string;
  /**
   * No try begins later than this after the first one, as a duration. nginx
   * proxy_next_upstream_timeout.
   */
  readonly retryTimeLimit?: string;
  /** The hash of a request is made of all of them, in place of what the destinations' rules say. */
  readonly hashOn?: readonly HashKey[];
  /** The same as the annotation `sluice.dev/sticky-weights`, for this rule. */
  readonly stickyWeights?: boolean;
}

/**
 * A leaky bucket for each client address. With r requests each second and t seconds since the last
 * admitted request, its level is `max(0, level - r * t) + 1`, the first request making 0; a level
 * above `burst` is refused with 503 and changes nothing. Nobody waits (nginx `nodelay`).
 */
export interface RateLimit {
  /** Rules with the same name share their buckets: `namespace/name` of the Ingress and the unit. */
  readonly name: string;
  /** Above 0; may be a fraction: 1 for each minute is 1/60. */
  readonly requestsPerSecond: number;
  /** Whole requests above the rate, 0 or more. */
  readonly burst: number;
  /** Addresses and CIDR ranges that are not limited. */
  readonly exempt: readonly string[];
}

/** Requests of one client address at the same time; 503 above. */
export interface ConcurrencyLimit {
  /** Rules with the same name share their counts. */
  readonly name: string;
  /** At least 1. */
  readonly requests: number;
  readonly exempt: readonly string[];
}

/** Addresses and CIDR ranges of clients (of the connection's peer), 403 for others. */
export interface SourceRanges {
  /** Wins over `allow`. */
  readonly deny: readonly string[];
  /** Empty: everybody. */
  readonly allow: readonly string[];
}

/** Answers that come from a destination of their own in place of an error. nginx error_page. */
export interface ErrorPages {
  /** Of the upstream's answers and of those that the proxy makes for the rule; may be empty. */
  readonly statuses: readonly number[];
  /** Also where the rule's destination has no endpoints, with the code 503. */
  readonly forMissingEndpoints: boolean;
  /**
   * Gets `GET /` with the fields of the request without its body. Its answer is the answer, with
   * the status that it has.
   */
  readonly destination: Destination;
  /**
   * Fields of that request beside `x-code` (the status), `x-format` (the client's `accept`) and
   * `x-original-uri` (the client's path and query), which the proxy adds itself.
   */
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/** One of them is set. */
export type HashKey = Pick<
  ConsistentHash,
  'httpHeaderName' | 'httpCookie' | 'useSourceIp' | 'httpQueryParameterName'
>;

/**
 * What a request must pass before a route sends it on: how often and how many at once a client may
 * ask, from where, and how large. Only an Ingress can ask for it (annotations of nginx).
 */

/**
 * Requests of each client address over time (Envoy's local rate limit, one descriptor an address)
 * as nginx's limit_req counts them: a leaky bucket in thousandths of a request.
 */
export interface LocalRateLimit {
  /** Routes that name the same limit count together; it keeps its counts over reloads. */
  readonly name: string;
  /** What a client may use up in a second, in thousandths of a request: 5000 is five, at least 1. */
  readonly milliRequestsPerSecond: number;
  /** Requests that may come before their time; they are not delayed (nginx: nodelay). */
  readonly burst: number;
  /** Of the answer to a request that is too many: nginx 503, Envoy 429. */
  readonly status: number;
  /** Addresses and ranges (CIDR) that are not counted. */
  readonly exempt: readonly string[];
}

/** Requests of each client address that are served at the same time (nginx limit_conn). */
export interface ConcurrencyLimit {
  /** Routes that name the same limit count together; it keeps its counts over reloads. */
  readonly name: string;
  /** At least 1. */
  readonly maxRequests: number;
  /** Of the answer to a request that is too many. */
  readonly status: number;
  /** Addresses and ranges (CIDR) that are not counted. */
  readonly exempt: readonly string[];
}

/** By the client's address (Envoy RBAC with remote_ip): denied ones get 403. */
export interface SourceIpRules {
  /** Addresses and ranges (CIDR) that are refused; asked first. */
  readonly deny: readonly string[];
  /** All others are refused; null: nobody is. */
  readonly allow: readonly string[] | null;
}

export interface RequestAdmission {
  readonly rateLimits: readonly LocalRateLimit[];
  readonly concurrencyLimits: readonly ConcurrencyLimit[];
  readonly sourceIps: SourceIpRules | null;
  /** Body of a request (Envoy buffer, max_request_bytes): over it 413. null: no limit. */
  readonly maxRequestBytes: number | null;
}

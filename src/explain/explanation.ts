/**
 * What is told of one request: where it goes, by which words of the configuration, and why not
 * elsewhere. Plain JSON; the admin API answers with it, and its schema there describes each field.
 */

import type { Locality } from '../model/locality.ts';
import type { Origin } from '../model/origin.ts';

export interface Explanation {
  readonly listener: string;
  readonly filterChain: string;
  /** Every listener that was thought of, with why it was, or was not, the one. */
  readonly listeners: readonly ConsideredListener[];
  readonly request: ExplainedRequest;
  /** null: there is none. */
  readonly routeTable: string | null;
  /** null: none has a domain for the authority. */
  readonly virtualHost: ExplainedVirtualHost | null;
  /** Other virtual hosts of the table with a domain for it, the closest first. */
  readonly lostVirtualHosts: readonly LostVirtualHost[];
  /** In declared order. */
  readonly rejected: readonly RejectedRoute[];
  readonly matched: RouteDescription | null;
  readonly outcome: Outcome;
  /** What the matched route asks for, and who says so. */
  readonly policy: readonly PolicyValue[];
  /** Of a request that is forwarded. */
  readonly targets: readonly ExplainedTarget[];
  /** null: no route with a consistent hash. */
  readonly hash: ExplainedHash | null;
  /** The path that an endpoint is sent; null where none is. */
  readonly upstreamPath: string | null;
  /** The same for the authority; null also where it depends on the cluster that is drawn. */
  readonly upstreamAuthority: string | null;
  /** Where the client is sent; null where it is not. */
  readonly location: string | null;
}

/** `not-found` is 404 with the flag NR; `refused` is 400, before any route. */
export type Outcome =
  | 'forwarded'
  | 'redirected'
  | 'answered'
  | 'redirected-to-https'
  | 'not-found'
  | 'refused';

export interface ConsideredListener {
  readonly name: string;
  readonly chosen: boolean;
  /** In words: `knows the host`, `takes no https`. */
  readonly reason: string;
  readonly origin: Origin | null;
}

/** The request as routes see it. */
export interface ExplainedRequest {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** Normalised as the listener does it, with the query. */
  readonly path: string;
}

export interface ExplainedVirtualHost {
  /** `host:port`. */
  readonly name: string;
  readonly domains: readonly string[];
  /** The one of them that decided. */
  readonly domain: string;
  readonly origin: Origin | null;
}

export interface LostVirtualHost {
  readonly name: string;
  /** The closest of its domains. */
  readonly domain: string;
  /** Why the other one is closer, in words. */
  readonly reason: string;
  readonly origin: Origin | null;
}

/** A route before the one that matches. */
export interface RejectedRoute {
  readonly route: RouteDescription;
  /** Every condition that does not hold. */
  readonly mismatches: readonly ExplainedMismatch[];
}

export interface ExplainedMismatch {
  readonly part: 'path' | 'header' | 'query-parameter';
  /** Of the header or parameter; empty for the path. */
  readonly name: string;
  /** What the route asks for: `exact "jason"`. */
  readonly expected: string;
  /** What the request has; null if it has nothing. */
  readonly actual: readonly string[] | null;
}

/** One setting that holds for the request. */
export interface PolicyValue {
  /** `timeout`, `retries`, `outlierDetection`: as Istio names it. */
  readonly name: string;
  /** In words, with units. */
  readonly value: string;
  /** Nobody says it: this is what holds then. */
  readonly isDefault: boolean;
  /** Where it is said; null for a default. */
  readonly origin: Origin | null;
}

/** A cluster that the request may go to. */
export interface ExplainedTarget {
  readonly cluster: string;
  /** Share of the requests that it gets. */
  readonly percent: number;
  /** false: such requests are answered with the flag NC. */
  readonly exists: boolean;
  /** Empty without. */
  readonly subset: string;
  readonly origin: Origin | null;
  readonly policy: readonly PolicyValue[];
  readonly endpoints: readonly EndpointDescription[];
  /** Address of the endpoint that the request's hash gives; null: any, or not known. */
  readonly hashedEndpoint: string | null;
  /** The header block that an endpoint of it is sent. */
  readonly upstreamHeaders: readonly ExplainedHeader[];
}

export interface ExplainedHeader {
  readonly name: string;
  readonly value: string;
}

export interface ExplainedHash {
  /** What is hashed, in words: `header x-user`. */
  readonly policies: readonly string[];
  /** 16 hexadecimal digits; null: the request has nothing to hash, any endpoint will do. */
  readonly value: string | null;
  /** The cluster that a sticky choice gives; null: that is drawn by weight. */
  readonly cluster: string | null;
}

export interface RouteDescription {
  /** Empty if it has none. */
  name: string;
  /** Among the routes of its virtual host, from 0. */
  position: number;
  /** What it asks for, all of it: `path prefix "/"`, `header end-user exact "jason"`. */
  match: string[];
  action: 'forward' | 'redirect' | 'direct-response';
  clusters: { cluster: string; weight: number }[];
  status: number | null;
  rewrite: string | null;
  timeoutMs: number;
  retries: { retries: number; retryOn: string[]; perTryTimeoutMs: number } | null;
  fault: FaultDescription | null;
  mirrors: string[];
  cors: boolean;
  toxics: number;
  origin: Origin | null;
}

export interface FaultDescription {
  delayMs: number | null;
  delayPercent: number;
  abortStatus: number | null;
  abortGrpcStatus: number | null;
  abortPercent: number;
}

export interface EndpointDescription {
  cluster: string;
  /** `address:port`. */
  address: string;
  /** The name that the address was found by; null without. */
  host: string | null;
  health: 'healthy' | 'unhealthy';
  ejected: boolean;
  failedHealthCheck: boolean;
  excluded: boolean;
  weight: number;
  priority: number;
  locality: Locality;
  workload: { name: string; namespace: string; app: string; version: string } | null;
  activeRequests: number;
  activeConnections: number;
  requests: number;
  requestErrors: number;
  connections: number;
  connectFailures: number;
}

/**
 * What is told of one request: where it goes, by which words of the configuration, and why not
 * elsewhere. Plain JSON; the admin API answers with it, and its schema there describes each field.
 */

import type { Origin } from '../model/origin.ts';
import type { RouteDescription } from './descriptions.ts';
import type { ConsideredFilterChain, ConsideredListener, ExplainedTls } from './explained-entry.ts';
import type {
  ExplainedHash,
  ExplainedHeader,
  ExplainedTarget,
  PolicyValue,
} from './explained-target.ts';
import type { Refusal } from './refusal.ts';

export interface Explanation {
  readonly listener: string;
  readonly filterChain: string;
  /** The filter chains of the listener, in declared order. */
  readonly filterChains: readonly ConsideredFilterChain[];
  /** What TLS decides of the client; null where it does not end here. */
  readonly tls: ExplainedTls | null;
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
  /** That the proxy itself answers with, whatever an endpoint would say; null: it is sent on. */
  readonly status: number | null;
  /** Why the matched route does not serve it; null unless the outcome is `denied`. */
  readonly refusal: Refusal | null;
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

/**
 * `not-found` is 404 with the flag NR; `cluster-not-found`: no cluster of the route exists, flag NC;
 * `refused` is 400, before any route; `denied`: the route does not serve such a client or body;
 * `handshake-failed`: TLS does not let the client in; `no-certificate`: the proxy has none for TLS,
 * so that connections are closed, and the route is the one that there would be.
 */
export type Outcome =
  | 'forwarded'
  | 'redirected'
  | 'answered'
  | 'redirected-to-https'
  | 'not-found'
  | 'cluster-not-found'
  | 'refused'
  | 'denied'
  | 'handshake-failed'
  | 'no-certificate';

/** The request as routes see it. */
interface ExplainedRequest {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** Normalised as the listener does it, with the query. */
  readonly path: string;
  /** As the client sends them, without the host. */
  readonly headers: readonly ExplainedHeader[];
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

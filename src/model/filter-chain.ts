/** What happens to the connections of a listener that begin in a certain way (Envoy FilterChain). */

import type { HttpSettings } from './http-settings.ts';
import type { Origin } from './origin.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import type { DownstreamTls } from './tls.ts';

/**
 * Which connections, as in Envoy's FilterChainMatch: the closest destination first, then server
 * name (exact, then the longest wildcard, then any), then transport, then application protocol. At
 * each step what is said more precisely wins, and nothing goes back to an earlier step. What then
 * is left over is for the chain whose match is `matchAny` (Envoy's default filter chain).
 */
export interface FilterChainMatch {
  /** Ranges (CIDR) that the connection was made to; empty: any. Istio destinationSubnets, a VIP. */
  readonly destinations: readonly string[];
  /** Of TLS (SNI), lower case: exact, or `*.suffix` for any number of labels; empty: any, or none. */
  readonly serverNames: readonly string[];
  /** `tls` begins with a ClientHello, `raw` does not; null: either. */
  readonly transport: 'tls' | 'raw' | null;
  /**
   * `http`: the first bytes are a request line of HTTP/1.1 (as in Istio, not of 1.0) or the preface
   * of HTTP/2; null: anything.
   */
  readonly application: 'http' | null;
}

/** Where a filter chain finds the route table of a request. */
export type RouteSource =
  | { readonly kind: 'table'; readonly name: string }
  /** By the port in the authority (80 where it has none): tables by port, and one for other ports. */
  | {
      readonly kind: 'authority-port';
      readonly tables: Readonly<Record<string, string>>;
      readonly fallback: string;
    };

interface FilterChainBase {
  /** Unique within its listener and stable over reloads, which find a connection's chain by it. */
  readonly name: string;
  readonly match: FilterChainMatch;
  /** TLS ends here; null: bytes are taken as they come. */
  readonly tls: DownstreamTls | null;
  readonly origin: Origin;
}

/** Envoy's HTTP connection manager. */
export interface HttpFilterChain extends FilterChainBase {
  readonly kind: 'http';
  readonly routes: RouteSource;
  readonly http: HttpSettings;
}

export interface TcpFilterChain extends FilterChainBase {
  readonly kind: 'tcp';
  readonly tcp: TcpProxy;
}

export type FilterChain = HttpFilterChain | TcpFilterChain;

/** Every connection. */
export const matchAny: FilterChainMatch = {
  destinations: [],
  serverNames: [],
  transport: null,
  application: null,
};

/** Routing tables: virtual hosts by name, each with its ordered routes. */

import type { Origin } from './origin.ts';
import type { Route } from './route.ts';

export interface VirtualHost {
  /** `host:port`, as Istio names it. */
  readonly name: string;
  /** Exact names, `*.suffix` or `*suffix`, or `*`. Unique within a table; compared without case. */
  readonly domains: readonly string[];
  /** The first matching route wins. */
  readonly routes: readonly Route[];
  /** Plain-text requests are redirected to https (Gateway httpsRedirect). */
  readonly requireTls: boolean;
  readonly origin: Origin;
}

/** Envoy's RouteConfiguration. */
export interface RouteTable {
  /** `80` on a sidecar, `http.80` on a gateway, `inbound|8080||` for an inbound listener. */
  readonly name: string;
  readonly virtualHosts: readonly VirtualHost[];
  /** A port in the authority does not take part in choosing the virtual host (sidecar). */
  readonly ignorePortInHost: boolean;
  /** Requests of gRPC-Web are translated to gRPC (a port of that protocol, on a sidecar). */
  readonly grpcWeb: boolean;
}

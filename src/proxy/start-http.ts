/** Which protocol of HTTP is spoken on a connection (Envoy's codec type AUTO). */

import type { ActiveHttpChain } from './active-filter-chain.ts';
import type { ConnectionHandler } from './connection-handler.ts';
import type { DownstreamConnection } from './downstream-connection.ts';
import { Http1Downstream } from './http1-downstream.ts';

/** `alpn`: what the TLS handshake agreed on; null without TLS, or where it agreed on nothing. */
export function startHttp(
  connection: DownstreamConnection,
  chain: ActiveHttpChain,
  _alpn: string | null,
): ConnectionHandler {
  const handler = new Http1Downstream(connection, chain, null);
  connection.handler = handler;
  return handler;
}

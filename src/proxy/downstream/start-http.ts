/** Which protocol of HTTP is spoken on a connection (Envoy's codec type AUTO). */

import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveHttpChain } from '../listener/active-filter-chain.ts';
import { Http1Downstream } from './http1-downstream.ts';
import { Http2Downstream } from './http2-downstream.ts';

/** `alpn`: what the TLS handshake agreed on; null without TLS, or where it agreed on nothing. */
export function startHttp(
  connection: DownstreamConnection,
  chain: ActiveHttpChain,
  alpn: string | null,
): ConnectionHandler {
  const handler =
    alpn === 'h2'
      ? startHttp2(connection, chain)
      : new Http1Downstream(connection, chain, alpn === null ? startHttp2 : null);
  connection.handler = handler;
  return handler;
}

function startHttp2(connection: DownstreamConnection, chain: ActiveHttpChain): ConnectionHandler {
  return new Http2Downstream(connection, chain);
}

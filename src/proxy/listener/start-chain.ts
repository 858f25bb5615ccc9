/** Hands a connection to the filter chain that was chosen for it. */

import type { ClientHello } from '../../transport/client-hello.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import { startHttp } from '../downstream/start-http.ts';
import { TcpSession } from '../tcp/tcp-session.ts';
import { startTls } from '../tls/tls-handshake.ts';
import type { ActiveFilterChain } from './active-filter-chain.ts';

/** What an inspector has found out. */
export interface FirstLook {
  /** What has been read already, valid during the call only. */
  readonly first: Buffer;
  /** null: it is no TLS, or nobody looked. */
  readonly hello: ClientHello | null;
}

const nothing = Buffer.alloc(0);

/** Nothing has been read, and nobody needs to know how the connection begins. */
export const unseen: FirstLook = { first: nothing, hello: null };

export function startChain(
  connection: DownstreamConnection,
  chain: ActiveFilterChain,
  { first, hello }: FirstLook,
): void {
  connection.chain = chain;
  if (chain.tls === null) {
    startPlain(connection, chain, { first, alpn: null });
  } else if (hello === null) {
    connection.listener.stats.sslConnectionError++;
    connection.destroy();
  } else {
    const onSecure = (alpn: string | null): void =>
      startPlain(connection, chain, { first: nothing, alpn });
    startTls({ connection, chain, hello, early: first, onSecure });
  }
}

function startPlain(
  connection: DownstreamConnection,
  chain: ActiveFilterChain,
  { first, alpn }: { readonly first: Buffer; readonly alpn: string | null },
): void {
  if (chain.kind === 'http') {
    const handler = startHttp(connection, chain, alpn);
    if (first.length > 0) handler.onBytes(first, 0, first.length);
    return;
  }
  const session = new TcpSession(connection, chain);
  connection.handler = session;
  session.start(first);
}

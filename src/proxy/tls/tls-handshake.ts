/**
 * The time between a ClientHello and the first byte of plain text: ends TLS with what the filter
 * chain says, looks at the client's certificate, and hands the connection on.
 */

import type { X509Certificate } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';
import { OwnedTimer } from '../../base/timer-wheel.ts';
import type { ListenerStats } from '../../telemetry/metrics/listener-stats.ts';
import { checkPeer, needsAuthority } from '../../transport/tls-peer.ts';
import { verifyError } from '../../transport/tls-socket.ts';
import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveFilterChain } from '../listener/active-filter-chain.ts';
import { CertificateWait } from './certificate-wait.ts';
import { isLocalHost } from './local-hosts.ts';
import type { TlsChain } from './tls-chain.ts';
import { ConnectionTls } from './tls-connection.ts';

export interface TlsStart {
  readonly connection: DownstreamConnection;
  readonly chain: ActiveFilterChain;
  /** What the client said in its ClientHello. */
  readonly hello: { readonly serverName: string | null; readonly alpn: readonly string[] };
  /** All that has been read of the connection, the ClientHello first; valid during the call only. */
  readonly early: Buffer;
  /** Sets another handler of the connection. `alpn`: what was agreed on; null: nothing. */
  onSecure(alpn: string | null): void;
}

/** The connection is reset where the chain has no certificate to show. */
export function startTls(start: TlsStart): void {
  const { connection, chain, hello, early } = start;
  const context = chain.tls?.contextFor(hello.serverName) ?? null;
  const made = context === null ? localContext(start) : null;
  if (made === null) {
    startHandshake(start, context);
    return;
  }
  const onReady = (local: SecureContext | null, read: Buffer): void =>
    startHandshake({ ...start, early: read }, local);
  connection.handler = new CertificateWait({ connection, early, context: made, onReady });
}

function startHandshake(start: TlsStart, context: SecureContext | null): void {
  const { connection, chain } = start;
  if (chain.tls === null || context === null) {
    connection.listener.stats.downstreamContextSecretsNotReady++;
    connection.resetNow();
    return;
  }
  connection.handler = new TlsHandshake(start, chain.tls, context);
}

/** By the address that was connected to, where the client names nobody. */
function localContext({
  connection,
  chain,
  hello,
}: TlsStart): Promise<SecureContext | null> | null {
  const { ends, context } = connection;
  const isKnownHost = (name: string): boolean => isLocalHost(name, chain, context.snapshot);
  const asked = hello.serverName ?? ends.destination.address;
  return chain.tls?.localContextFor(asked, isKnownHost) ?? null;
}

/** The server's order wins; what it does not know is ignored. */
function agreedProtocol(known: readonly string[], offered: readonly string[]): string | null {
  if (offered.length === 0) return null;
  return known.find((protocol) => offered.includes(protocol)) ?? null;
}

class TlsHandshake implements ConnectionHandler {
  readonly #connection: DownstreamConnection;
  readonly #next: TlsStart['onSecure'];
  readonly #tls: TlsChain;
  readonly #socket: TLSSocket;
  readonly #timer: OwnedTimer;
  #isOver = false;

  constructor(start: TlsStart, tls: TlsChain, secureContext: SecureContext) {
    const { connection, hello, early, onSecure } = start;
    this.#connection = connection;
    this.#next = onSecure;
    this.#tls = tls;
    this.#timer = new OwnedTimer(this);
    this.#socket = connection.startTls({
      secureContext,
      clientCertificate: tls.model.clientCertificate,
      alpn: agreedProtocol(tls.model.alpn, hello.alpn),
      early,
    });
    this.#socket.once('secure', () => this.#onSecure());
    // Told before and after the handshake; Node's own `error` is not.
    this.#socket.on('_tlsError', (error: NodeJS.ErrnoException) => this.#onError(error));
    const { tlsHandshakeTimeoutMs } = connection.listener.model.limits;
    connection.context.wheel.arm(this.#timer, tlsHandshakeTimeoutMs);
  }

  onTimer(): void {
    this.#stats.downstreamCxTransportSocketConnectTimeout++;
    this.#connection.destroy();
  }

  // ConnectionHandler. There is no plain text yet.

  onBytes(): void {}

  onDrain(): void {}

  onPeerEnd(): void {
    this.#connection.destroy();
  }

  onClosed(): void {
    this.#end();
  }

  drain(): void {
    this.#connection.destroy();
  }

  cancel(): void {
    this.#end();
  }

  get #stats(): ListenerStats {
    return this.#connection.listener.stats;
  }

  #end(): void {
    this.#isOver = true;
    this.#connection.context.wheel.disarm(this.#timer);
  }

  /** OpenSSL's errors, also those after the handshake. Of its own errors the socket closes itself. */
  #onError({ code = '' }: NodeJS.ErrnoException): void {
    if (!code.startsWith('ERR_SSL_')) return;
    if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') this.#stats.sslFailVerifyNoCert++;
    else this.#stats.sslConnectionError++;
    this.#connection.destroy();
  }

  /** In TLS 1.3 a client may have sent its first request by now: nobody reads it if it is refused. */
  #onSecure(): void {
    if (this.#isOver) return;
    const connection = this.#connection;
    const peer = this.#tls.model.clientCertificate === 'none' ? null : this.#peer();
    if (!this.#isGood(peer)) {
      connection.destroy();
      return;
    }
    this.#end();
    if (peer === null) this.#stats.sslNoCertificate++;
    if (this.#socket.isSessionReused()) this.#stats.sslSessionReused++;
    const alpn = this.#socket.alpnProtocol;
    const tls = new ConnectionTls(this.#socket, peer, connection.listener.model.direction);
    this.#stats.countHandshake(tls.version, tls.cipher);
    connection.tls = tls;
    this.#next(typeof alpn === 'string' ? alpn : null);
  }

  #peer(): X509Certificate | null {
    return this.#socket.getPeerX509Certificate() ?? null;
  }

  #isGood(peer: X509Certificate | null): boolean {
    const { clientCertificate, validation } = this.#tls.model;
    if (peer === null) {
      if (clientCertificate !== 'required') return true;
      this.#stats.sslFailVerifyNoCert++;
      return false;
    }
    if (validation === null) return true;
    if (needsAuthority(validation) && verifyError(this.#socket) !== null) {
      this.#stats.sslFailVerifyError++;
      return false;
    }
    const mismatch = checkPeer(peer, validation);
    if (mismatch === 'name') this.#stats.sslFailVerifySan++;
    if (mismatch === 'hash') this.#stats.sslFailVerifyCertHash++;
    return mismatch === null;
  }
}

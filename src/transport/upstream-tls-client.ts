/**
 * TLS with one endpoint under one server name: the context that is good now, the session to resume,
 * and whether the endpoint is who it has to be.
 */

import { isIP } from 'node:net';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import { err, type Result } from '../base/result.ts';
import type { UpstreamTls } from '../model/tls.ts';
import type { TlsContexts } from './tls-contexts.ts';
import type { ConnectionStats } from './upstream-pool.ts';
import { describeTlsError, type PeerFailure, peerFailure, tlsError } from './upstream-tls-peer.ts';

/** Envoy's words where a certificate, a key or an authority is missing. */
const notReady = 'TLS error: Secret is not supplied by SDS';

/** Of TLS 1.3 an endpoint offers two with each full handshake, as OpenSSL has it. */
const sessionsMax = 4;

export interface UpstreamTlsClientOptions {
  readonly tls: UpstreamTls;
  /**
   * The host of the requests, for SNI and the name in the certificate. Empty: they name none, and
   * no certificate is for them. null: these are no requests.
   */
  readonly host: string | null;
  /** What is spoken after the handshake, offered where `tls` does not say; null: nothing is. */
  readonly protocol: 'h2' | 'http/1.1' | null;
  readonly contexts: TlsContexts;
  /** null: nothing is counted. */
  readonly stats: ConnectionStats | null;
}

interface Session {
  readonly bytes: Buffer;
  /** RFC 8446, appendix C.4: else whoever listens could tell that two connections are of one client. */
  readonly isForOneUse: boolean;
}

export class UpstreamTlsClient {
  readonly #options: UpstreamTlsClientOptions;
  readonly #serverName: string | null;
  readonly #alpn: readonly string[];
  #version = -1;
  #context: Result<SecureContext, string> = err(notReady);
  /** The last that the endpoint offered. */
  #sessions: Session[] = [];

  constructor(options: UpstreamTlsClientOptions) {
    const { tls, host, protocol } = options;
    const name = tls.sni ?? host ?? '';
    this.#options = options;
    // An address is no server name (RFC 6066, section 3).
    this.#serverName = name === '' || isIP(name) !== 0 ? null : name;
    this.#alpn = tls.alpn.length > 0 || protocol === null ? tls.alpn : [protocol];
  }

  /** From secrets as they are now. The error is why there is none. */
  context(): Result<SecureContext, string> {
    const { contexts, stats } = this.#options;
    if (this.#version !== contexts.version) {
      const context = this.#prepare();
      // A session of another context was begun under other rules.
      if (!context.ok || !this.#context.ok || context.value !== this.#context.value) {
        this.#sessions = [];
      }
      this.#version = contexts.version;
      this.#context = context;
    }
    if (!this.#context.ok && stats !== null) stats.upstreamContextSecretsNotReady++;
    return this.#context;
  }

  /** Of one connection. */
  handshakeOptions(secureContext: SecureContext): ConnectionOptions {
    const session = this.#sessions.at(-1);
    if (session?.isForOneUse === true) this.#sessions.pop();
    return {
      secureContext,
      // Node's check of names is another one; what is wrong is looked at in `watch`.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(this.#serverName === null ? {} : { servername: this.#serverName }),
      ...(this.#alpn.length === 0 ? {} : { ALPNProtocols: [...this.#alpn] }),
      ...(session === undefined ? {} : { session: session.bytes }),
    };
  }

  /** `onOpen` when the handshake is done and the endpoint is the right one; else an error. */
  watch(socket: TLSSocket, onOpen: () => void): void {
    const context = this.#context;
    let isOpen = false;
    // What is wrong with TLS itself, in the words of whoever reads the access log.
    socket.prependListener('error', (error: NodeJS.ErrnoException) => {
      if (describeTlsError(error)) this.#countError();
      // It went away during the handshake, and that is all that is known.
      else if (!isOpen && error.code === 'ECONNRESET') error.message = '';
    });
    socket.once('secureConnect', () => {
      const failure = this.#failureOf(socket);
      if (failure !== null) {
        this.#count(failure);
        socket.destroy(tlsError(failure.text));
        return;
      }
      isOpen = true;
      this.#countHandshake(socket);
      onOpen();
    });
    socket.on('session', (bytes: Buffer) => {
      if (!isOpen || context !== this.#context) return;
      this.#sessions.push({ bytes, isForOneUse: socket.getProtocol() === 'TLSv1.3' });
      if (this.#sessions.length > sessionsMax) this.#sessions.shift();
    });
  }

  #failureOf(socket: TLSSocket): PeerFailure | null {
    const { tls, host } = this.#options;
    if (tls.validation === null) return null;
    // Node does not have the certificate then. It was good by the same rules when the session began.
    if (socket.isSessionReused()) return null;
    return peerFailure(socket, tls.validation, tls.autoSanValidation ? host : null);
  }

  #countHandshake(socket: TLSSocket): void {
    const { stats } = this.#options;
    if (stats === null) return;
    stats.sslHandshake++;
    if (socket.isSessionReused()) stats.sslSessionReused++;
  }

  #countError(): void {
    const { stats } = this.#options;
    if (stats !== null) stats.sslConnectionError++;
  }

  #count({ kind }: PeerFailure): void {
    const { stats } = this.#options;
    if (stats === null) return;
    if (kind === 'no-certificate') stats.sslFailVerifyNoCert++;
    else if (kind === 'name') stats.sslFailVerifySan++;
    else if (kind === 'hash') stats.sslFailVerifyCertHash++;
    else stats.sslFailVerifyError++;
  }

  #prepare(): Result<SecureContext, string> {
    const { tls, contexts } = this.#options;
    const { secrets } = contexts;
    const trustedCa = tls.validation?.trustedCa ?? null;
    const authority = trustedCa === null ? null : secrets.get(trustedCa);
    const identity = tls.certificate === null ? null : secrets.get(tls.certificate);
    if (authority === undefined || authority?.trustedCa === null) return err(notReady);
    if (identity === undefined) return err(notReady);
    if (identity === null) return contexts.upstream(tls, null, authority);
    const pair = contexts.pair(identity);
    return pair.ok ? contexts.upstream(tls, pair.value, authority) : err(notReady);
  }
}

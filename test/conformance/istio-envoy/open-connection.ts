/** Opens the client's connection of a recorded request, with or without TLS. */

import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { ClientTls, TlsSpec } from './scenario.ts';
import { certificateName, type TestKeys } from './test-keys.ts';

export interface ConnectionPlan {
  readonly port: number;
  /** Source address. */
  readonly localAddress: string;
  readonly tls: TlsSpec | null;
  /** Offered where the request does not say. */
  readonly alpn: readonly string[];
  readonly keys: TestKeys;
  readonly timeoutMs: number;
}

export interface OpenedConnection {
  /** null: see `error`. */
  readonly socket: Socket | null;
  /** Set where the handshake was finished. */
  readonly tls: ClientTls | null;
  /** Why there is no connection: `closed`, `client-timeout` or the error's code. */
  readonly error: string | null;
  /** `address:port` of the client, as an access log names it. */
  readonly localEndpoint: string;
}

export async function openConnection(plan: ConnectionPlan): Promise<OpenedConnection> {
  const { port, localAddress, timeoutMs } = plan;
  const target = { host: '127.0.0.1', port, localAddress, allowHalfOpen: true };
  const plain = connectTcp(target);
  const refused = await firstOf(plain, 'connect', timeoutMs);
  const localEndpoint = `${localAddress}:${plain.localPort ?? 0}`;
  if (refused !== null) return { socket: null, tls: null, error: refused, localEndpoint };
  plain.setNoDelay(true);
  if (plan.tls === null) return { socket: plain, tls: null, error: null, localEndpoint };
  const socket = connectTls({ ...tlsOptions(plan.tls, plan), socket: plain });
  const error = await firstOf(socket, 'secureConnect', timeoutMs);
  if (error !== null) return { socket: null, tls: null, error, localEndpoint };
  return { socket, tls: handshakeOf(socket, plan.keys), error: null, localEndpoint };
}

/** Null once the event has come, else what came instead of it; the socket is gone then. */
function firstOf(socket: Socket, event: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = (error: string | null): void => {
      clearTimeout(timer);
      socket.off('end', closed).off('close', closed).off('error', failed).off(event, opened);
      // Later errors belong to the conversation, which listens for itself; none may go unheard.
      socket.on('error', () => undefined);
      if (error !== null) socket.destroy();
      resolve(error);
    };
    const opened = (): void => settle(null);
    const closed = (): void => settle('closed');
    const failed = (error: NodeJS.ErrnoException): void => settle(errorCode(error.code));
    const timer = setTimeout(() => settle('client-timeout'), timeoutMs);
    socket.once('end', closed).once('close', closed).once('error', failed).once(event, opened);
  });
}

/** An end and a reset are not told apart. */
export function errorCode(code: string | undefined): string {
  return code === undefined || code === 'ECONNRESET' || code === 'EPIPE' ? 'closed' : code;
}

function tlsOptions(spec: TlsSpec, { alpn, keys }: ConnectionPlan): ConnectionOptions {
  const client = spec.client_cert === undefined ? undefined : keys.pairs[spec.client_cert];
  const protocols = spec.alpn === undefined ? alpn : spec.alpn;
  const old = spec.max === 'TLSv1' || spec.max === 'TLSv1.1';
  // OpenSSL offers the versions before 1.2 at its lowest security level only.
  const ciphers = spec.ciphers ?? (old ? 'DEFAULT@SECLEVEL=0' : undefined);
  return {
    rejectUnauthorized: false,
    servername: spec.sni ?? '',
    ...(protocols === null ? {} : { ALPNProtocols: [...protocols] }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
    ...(spec.min === undefined ? {} : { minVersion: spec.min as 'TLSv1' }),
    ...(spec.max === undefined ? {} : { maxVersion: spec.max as 'TLSv1.3' }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}

function handshakeOf(socket: TLSSocket, keys: TestKeys): ClientTls {
  const certificate = socket.getPeerX509Certificate();
  return {
    version: socket.getProtocol(),
    alpn: socket.alpnProtocol || null,
    server_cert: certificate === undefined ? null : certificateName(keys, certificate.raw),
  };
}

/**
 * Opens a socket to an endpoint, in clear text or with TLS, so that connections of every protocol
 * see no difference: one call when bytes pass, and the events of a socket for everything else.
 */

import { connect, type NetConnectOpts, Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { isTls, nodeTls } from '../base/node-tls.ts';
import { onreadOf, type ReadOptions, takeHandle } from './accept.ts';
import { writableHighWaterMark } from './socket-writer.ts';
import { resetTls } from './tls-socket.ts';
import type { ConnectionEnds } from './upstream-pool.ts';
import type { UpstreamTlsClient } from './upstream-tls-client.ts';

export interface UpstreamSocketOptions {
  readonly endpoint: { readonly address: string; readonly port: number };
  /**
   * What comes is handed over here, from the shared buffer: there are no `data` events. null: there
   * are.
   */
  readonly read: ReadOptions | null;
  /** null: clear text. */
  readonly tls: UpstreamTlsClient | null;
  /** Looked at when the connection is made, before anything is sent; null: any will do. */
  readonly isForbidden: ((ends: ConnectionEnds) => boolean) | null;
  /** Either side may end first. */
  readonly allowHalfOpen?: boolean;
  /** Latin-1 text that goes before everything, TLS included (the PROXY protocol). */
  readonly prologue?: string;
  /**
   * Bytes pass: connected and, with TLS, the endpoint has shown who it is. Called once, never
   * before `openUpstream` has returned, and not for a socket that has been destroyed.
   */
  onOpen(): void;
}

/**
 * Nothing may be written before `onOpen`: it would leave with the end of the handshake, whoever the
 * endpoint turned out to be. Whatever keeps the socket from opening is an `error` event
 * and then `close`, of which the message is Envoy's upstream_transport_failure_reason.
 */
export function openUpstream(options: UpstreamSocketOptions): Socket {
  const { tls } = options;
  return tls === null ? openPlain(options) : openTls(options, tls);
}

/** Ends the connection with a TCP reset. */
export function resetUpstream(socket: Socket): void {
  if (isTls(socket)) resetTls(socket);
  else socket.resetAndDestroy();
}

function openPlain(options: UpstreamSocketOptions): Socket {
  const { prologue = '' } = options;
  const settings = { ...connectOptions(options), writableHighWaterMark };
  const socket = connect(settings as NetConnectOpts);
  socket.on('connect', () => {
    if (!isAllowed(socket, options)) return;
    if (prologue !== '') socket.write(prologue, 'latin1');
    options.onOpen();
  });
  return socket;
}

function openTls(options: UpstreamSocketOptions, tls: UpstreamTlsClient): Socket {
  const { prologue = '' } = options;
  const context = tls.context();
  if (!context.ok) return new Socket().destroy(new Error(context.error));
  const socket = nodeTls().connect({
    ...connectOptions(options),
    ...tls.handshakeOptions(context.value),
    highWaterMark: writableHighWaterMark,
  } as ConnectionOptions);
  // Before Node's own listener, which begins the handshake.
  socket.prependListener('connect', () => {
    if (isAllowed(socket, options) && prologue !== '') writeBelow(socket, prologue);
  });
  tls.watch(socket, () => options.onOpen());
  return socket;
}

function connectOptions({ endpoint, read, allowHalfOpen = false }: UpstreamSocketOptions) {
  return {
    host: endpoint.address,
    port: endpoint.port,
    noDelay: true,
    allowHalfOpen,
    ...(read === null ? {} : { onread: onreadOf(read) }),
  };
}

function isAllowed(socket: Socket, { isForbidden }: UpstreamSocketOptions): boolean {
  const { localAddress = '', remoteAddress = '', remotePort = 0 } = socket;
  if (isForbidden?.({ localAddress, remoteAddress, remotePort }) !== true) return true;
  socket.destroy(new Error('the destination is this proxy'));
  return false;
}

/**
 * Bytes on the connection below TLS, before its handshake. They are few, and the connection is new:
 * the system takes them at once.
 */
function writeBelow(socket: TLSSocket, text: string): void {
  const { _handle } = socket as unknown as { readonly _handle: { readonly _parent: object } };
  const below = new Socket({ handle: _handle._parent, manualStart: true } as SocketOptions);
  below.write(text, 'latin1');
  takeHandle(below);
}

type SocketOptions = ConstructorParameters<typeof Socket>[0];

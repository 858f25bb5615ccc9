/**
 * TLS on the server's side of a socket that is connected already, and of which some bytes have been
 * read. Reads into the shared buffer like `accept.ts`: Node offers `onread` for TLS sockets that it
 * connects, and a TLS socket made around the handle has it, too.
 */

import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import { hearData, onreadOf, type ReadOptions, takeHandle } from './accept.ts';
import { writableHighWaterMark } from './socket-writer.ts';

export interface TlsSocketOptions {
  readonly secureContext: SecureContext;
  /** As in the model's `DownstreamTls`. */
  readonly clientCertificate: 'none' | 'optional' | 'required';
  /** The protocol that is agreed on; null: the extension is not answered. */
  readonly alpn: string | null;
  /** What has been read, the ClientHello first; valid during the call only. */
  readonly early: Buffer;
  readonly read: ReadOptions;
}

/** What Node does not document of its TLS sockets. */
interface NodeTls {
  _tlsOptions: { readonly handle?: object };
  _handle: TlsHandle | null;
  connecting: boolean;
  _wrapHandle(wrap: unknown, handle: unknown, isWriting: boolean): object;
}

interface TlsHandle {
  /** Bytes of the wire, as if they had been read now. */
  receive(bytes: Buffer): void;
  /** What OpenSSL says of the peer's certificate; null: it is good. */
  verifyError(): NodeJS.ErrnoException | null;
  /** The connection below. */
  readonly _parent?: Resettable;
}

interface Resettable {
  close(callback?: () => void): unknown;
  reset?(callback?: () => void): unknown;
}

const nodeTls = TLSSocket.prototype as unknown as NodeTls;

/** Around the handle in its options, where Node would make a handle of its own. */
class HandleTlsSocket extends TLSSocket {
  constructor(handle: object, options: TLSSocketOptions) {
    super(undefined as unknown as Socket, { ...options, handle } as TLSSocketOptions);
    // Node takes a socket without another one below it for one that is about to connect.
    (this as unknown as NodeTls).connecting = false;
  }

  /** Called by Node's constructor. */
  _wrapHandle(wrap: unknown, _handle: unknown, isWriting: boolean): object {
    const { handle } = (this as unknown as NodeTls)._tlsOptions;
    return nodeTls._wrapHandle.call(this, wrap, handle, isWriting);
  }
}

/** `plain` is used up, and must have no listeners. The handshake starts at once. */
export function acceptTls(plain: Socket, options: TlsSocketOptions): TLSSocket {
  const { read, early } = options;
  const settings = socketSettings(options);
  const handle = takeHandle(plain);
  if (handle === null) return acceptOnStream(plain, settings, options);
  const all = { ...settings, onread: onreadOf(read) } as TLSSocketOptions;
  const socket = new HandleTlsSocket(handle, all);
  (socket as unknown as NodeTls)._handle?.receive(early);
  return socket;
}

function socketSettings(options: TlsSocketOptions): TLSSocketOptions {
  const { secureContext, clientCertificate, alpn } = options;
  return {
    isServer: true,
    secureContext,
    requestCert: clientCertificate !== 'none',
    // OpenSSL itself refuses who shows no certificate; whether one is good is asked later.
    rejectUnauthorized: clientCertificate === 'required',
    ...(alpn === null ? {} : { ALPNProtocols: [alpn] }),
    highWaterMark: writableHighWaterMark,
  } as TLSSocketOptions;
}

/** Without a handle (another kind of stream) the plain events serve. */
function acceptOnStream(
  plain: Socket,
  settings: TLSSocketOptions,
  { early, read }: TlsSocketOptions,
): TLSSocket {
  plain.unshift(Buffer.from(early));
  const socket = new TLSSocket(plain, settings);
  hearData(socket, read);
  return socket;
}

/** What is wrong with the peer's certificate, in OpenSSL's words; null: nothing. */
export function verifyError(socket: TLSSocket): string | null {
  const error = (socket as unknown as NodeTls)._handle?.verifyError();
  return error === null || error === undefined ? null : (error.code ?? error.message);
}

/** The same for people. Node adds advice of its own after a semicolon. */
export function verifyMessage(socket: TLSSocket): string | null {
  const error = (socket as unknown as NodeTls)._handle?.verifyError();
  return error === null || error === undefined ? null : error.message.replace(/;.*/s, '');
}

/** Ends the connection with a TCP reset. */
export function resetTls(socket: TLSSocket): void {
  const below = (socket as unknown as NodeTls)._handle?._parent;
  // The reset takes the place of the close, which `destroy` asks for.
  if (below?.reset !== undefined) below.close = below.reset;
  socket.destroy();
}

/**
 * TLS on the server's side of a socket that is connected already, and of which some bytes have been
 * read. Reads into the shared buffer like `accept.ts`: Node offers `onread` for TLS sockets that it
 * connects, and a TLS socket made around the handle has it, too.
 */

import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket, TLSSocketOptions } from 'node:tls';
import { nodeTls } from '../base/node-tls.ts';
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
interface NodeTlsSocket {
  _tlsOptions: { readonly handle?: object };
  /** `receive`: bytes of the wire, as if they had been read now. */
  _handle: { receive(bytes: Buffer): void } | null;
  connecting: boolean;
  _wrapHandle(wrap: unknown, handle: unknown, isWriting: boolean): object;
}

type HandleTlsSocket = new (handle: object, options: TLSSocketOptions) => TLSSocket;

/** One for a process. */
export class TlsAcceptor {
  /** null until the first connection, so that `node:tls` is not loaded without need. */
  #handleSocket: HandleTlsSocket | null = null;

  /** `plain` is used up, and must have no listeners. The handshake starts at once. */
  accept(plain: Socket, options: TlsSocketOptions): TLSSocket {
    const { read, early } = options;
    const settings = socketSettings(options);
    const handle = takeHandle(plain);
    if (handle === null) return acceptOnStream(plain, settings, options);
    const all = { ...settings, onread: onreadOf(read) } as TLSSocketOptions;
    this.#handleSocket ??= defineHandleSocket();
    const socket = new this.#handleSocket(handle, all);
    (socket as unknown as NodeTlsSocket)._handle?.receive(early);
    return socket;
  }
}

/** A TLS socket around the handle in its options, where Node's would make a handle of its own. */
function defineHandleSocket(): HandleTlsSocket {
  const { TLSSocket: NodeSocket } = nodeTls();
  const nodePrototype = NodeSocket.prototype as unknown as NodeTlsSocket;
  return class extends NodeSocket {
    constructor(handle: object, options: TLSSocketOptions) {
      super(undefined as unknown as Socket, { ...options, handle } as TLSSocketOptions);
      // Node takes a socket without another one below it for one that is about to connect.
      (this as unknown as NodeTlsSocket).connecting = false;
    }

    /** Called by Node's constructor. */
    _wrapHandle(wrap: unknown, _handle: unknown, isWriting: boolean): object {
      const { handle } = (this as unknown as NodeTlsSocket)._tlsOptions;
      return nodePrototype._wrapHandle.call(this, wrap, handle, isWriting);
    }
  };
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
  const { TLSSocket: NodeSocket } = nodeTls();
  plain.unshift(Buffer.from(early));
  const socket = new NodeSocket(plain, settings);
  hearData(socket, read);
  return socket;
}

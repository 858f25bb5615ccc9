/** What Node does not tell of a TLS socket, and what it does not do with one. */

import type { TLSSocket } from 'node:tls';

/** What Node does not document of its TLS sockets. */
interface NodeTlsSocket {
  _handle: TlsHandle | null;
}

interface TlsHandle {
  /** What OpenSSL says of the peer's certificate; null: it is good. */
  verifyError(): NodeJS.ErrnoException | null;
  /** The connection below. */
  readonly _parent?: Resettable;
}

interface Resettable {
  close(callback?: () => void): unknown;
  reset?(callback?: () => void): unknown;
}

/** What is wrong with the peer's certificate, in OpenSSL's words; null: nothing. */
export function verifyError(socket: TLSSocket): string | null {
  const error = (socket as unknown as NodeTlsSocket)._handle?.verifyError();
  return error === null || error === undefined ? null : (error.code ?? error.message);
}

/** The same for people. Node adds advice of its own after a semicolon. */
export function verifyMessage(socket: TLSSocket): string | null {
  const error = (socket as unknown as NodeTlsSocket)._handle?.verifyError();
  return error === null || error === undefined ? null : error.message.replace(/;.*/s, '');
}

/** Ends the connection with a TCP reset. */
export function resetTls(socket: TLSSocket): void {
  const below = (socket as unknown as NodeTlsSocket)._handle?._parent;
  // The reset takes the place of the close, which `destroy` asks for.
  if (below?.reset !== undefined) below.close = below.reset;
  socket.destroy();
}

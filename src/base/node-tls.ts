/**
 * `node:tls` where TLS is used, and not before: with what it needs of OpenSSL it is 5 MiB of
 * memory, and an `import`, which evaluates every export, lists all of Node's authorities besides.
 */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

type NodeTls = Pick<
  typeof import('node:tls'),
  'connect' | 'createSecureContext' | 'getCACertificates' | 'setDefaultCACertificates' | 'TLSSocket'
>;

/** Loads it the first time, which takes some milliseconds. */
export function nodeTls(): NodeTls {
  return process.getBuiltinModule('node:tls');
}

/** Whether `socket` is a `TLSSocket`; only these have the property. */
export function isTls(socket: Socket): socket is TLSSocket {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

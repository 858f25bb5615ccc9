/** What is wrong with an endpoint that speaks TLS, in the frame that Envoy's texts have. */

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { PeerValidation } from '../model/tls.ts';
import { bearsName, isPinned, needsAuthority } from './tls-peer.ts';
import { verifyMessage } from './tls-socket.ts';

export interface PeerFailure {
  readonly kind: 'no-certificate' | 'chain' | 'name' | 'hash';
  readonly text: string;
}

/** OpenSSL's for a certificate that is not believed. */
const verifyFailed = '0A000086:SSL routines::certificate verify failed';

/**
 * null: it is the right one. `host` must be a name of the certificate (auto_san_validation), and one
 * of the names that are configured, too; null: nobody has named it.
 */
export function peerFailure(
  socket: TLSSocket,
  validation: PeerValidation,
  host: string | null,
): PeerFailure | null {
  const peer = socket.getPeerX509Certificate();
  if (peer === undefined) return failure('no-certificate', 'no certificate');
  const chain = needsAuthority(validation) ? verifyMessage(socket) : null;
  if (chain !== null) return failure('chain', chain);
  if (!isPinned(peer, validation)) return failure('hash', 'verify certificate hash');
  if (!isNamed(peer, validation, host)) return failure('name', 'verify SAN list');
  return null;
}

function isNamed(peer: X509Certificate, validation: PeerValidation, host: string | null): boolean {
  const { subjectAltNames } = validation;
  if (host !== null && !bearsName(peer, [host])) return false;
  return subjectAltNames.length === 0 || bearsName(peer, subjectAltNames);
}

function failure(kind: PeerFailure['kind'], reason: string): PeerFailure {
  return { kind, text: `${verifyFailed}:${reason}` };
}

/** With Envoy's frame around the text of OpenSSL. */
export function tlsError(text: string): Error {
  return new Error(`TLS_error:|${text}:TLS_error_end`);
}

/** Puts the message of an error of OpenSSL into that frame. False: it is another error. */
export function describeTlsError(error: NodeJS.ErrnoException): boolean {
  const { code = '', message } = error;
  if (!code.startsWith('ERR_SSL_')) return false;
  // `number:error:CODE:library:function:reason:file:line:`, of which the file is Node's affair.
  const known = /error:([0-9A-F]+:[^:]*:[^:]*:[^:]*)/.exec(message);
  error.message = tlsError(known?.[1] ?? code).message;
  return true;
}

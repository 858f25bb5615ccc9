/** What is known of the TLS towards an endpoint: read once, when the connection is made. */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isTls } from '../base/node-tls.ts';
import { CertificateFacts } from './tls-certificate-facts.ts';

export class UpstreamTlsFacts {
  /** `TLSv1.3`. */
  readonly version: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** The endpoint's certificate. */
  readonly peer: CertificateFacts | null;
  /** The one that it was shown; null: it asked for none, or there is none. */
  readonly local: CertificateFacts | null;
  readonly forwardedCertificate = null;

  private constructor(socket: TLSSocket) {
    const peer = socket.getPeerX509Certificate();
    const local = socket.getX509Certificate();
    this.version = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher().name;
    this.peer = peer === undefined ? null : new CertificateFacts(peer);
    this.local = local === undefined ? null : new CertificateFacts(local);
  }

  /** null: it is plain text. */
  static of(socket: Socket): UpstreamTlsFacts | null {
    return isTls(socket) ? new UpstreamTlsFacts(socket) : null;
  }
}

/** What is known of the TLS of one connection: read once, when its handshake is over. */

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { TlsInfo } from '../telemetry/tls-info.ts';
import { CertificateFacts } from '../transport/tls-certificate-facts.ts';

export class ConnectionTls implements TlsInfo {
  /** As the client asked for it, lower case; null: it did not. */
  readonly serverName: string | null;
  readonly version: string;
  readonly cipher: string;
  readonly peer: CertificateFacts | null;
  readonly local: CertificateFacts | null;
  /** The element of x-forwarded-client-cert, once a request has needed it. */
  forwardedElement: string | null = null;

  constructor(socket: TLSSocket, serverName: string | null, peer: X509Certificate | null) {
    const local = socket.getX509Certificate();
    this.serverName = serverName;
    this.version = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher().name;
    this.peer = peer === null ? null : new CertificateFacts(peer);
    this.local = local === undefined ? null : new CertificateFacts(local);
  }
}

/** What is known of the TLS of one connection: read once, when its handshake is over. */

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Direction } from '../../model/listener.ts';
import type { TlsInfo } from '../../telemetry/tls-info.ts';
import { CertificateFacts } from '../../transport/tls-certificate-facts.ts';
import { forwardedElement } from '../headers/client-certificate.ts';

export class ConnectionTls implements TlsInfo {
  readonly version: string;
  readonly cipher: string;
  readonly peer: CertificateFacts | null;
  readonly local: CertificateFacts | null;
  readonly #direction: Direction;
  #forwarded: string | null = null;

  /** `peer`: the client's certificate, which has been found good. */
  constructor(socket: TLSSocket, peer: X509Certificate | null, direction: Direction) {
    const local = socket.getX509Certificate();
    this.version = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher().name;
    this.peer = peer === null ? null : new CertificateFacts(peer);
    this.local = local === undefined ? null : new CertificateFacts(local);
    this.#direction = direction;
  }

  get forwardedCertificate(): string | null {
    if (this.peer === null) return null;
    this.#forwarded ??= forwardedElement(this.peer, this.local, this.#direction);
    return this.#forwarded;
  }
}

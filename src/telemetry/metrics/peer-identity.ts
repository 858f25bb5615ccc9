/** Who the two ends of an exchange are by their certificates (SPIFFE, in a URI). */

import type { StreamInfo } from '../stream-info.ts';
import type { TlsInfo } from '../tls-info.ts';

export interface PeerIdentity {
  /** As Istio writes it, `spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT`; null: not known. */
  readonly source: string | null;
  readonly destination: string | null;
  /** Both have shown a certificate. */
  readonly isMutual: boolean;
  /** The same for the same ends. */
  readonly key: string;
}

/** Reads certificates once for each connection. */
export class PeerIdentities {
  readonly #known = new WeakMap<TlsInfo, PeerIdentity>();

  /** null: there are no two certificates, so nobody is known. */
  identityOf(info: StreamInfo): PeerIdentity | null {
    const isInbound = info.listener.direction === 'inbound';
    const tls = isInbound ? info.tls : info.upstreamTls;
    if (tls === null) return null;
    let identity = this.#known.get(tls);
    if (identity === undefined) {
      identity = readIdentity(tls, isInbound);
      this.#known.set(tls, identity);
    }
    return identity;
  }
}

function readIdentity({ peer, local }: TlsInfo, isInbound: boolean): PeerIdentity {
  const peerName = peer?.uris[0] ?? null;
  const localName = local?.uris[0] ?? null;
  const source = isInbound ? peerName : localName;
  const destination = isInbound ? localName : peerName;
  const isMutual = peer !== null && local !== null;
  return { source, destination, isMutual, key: `${isMutual}|${source}|${destination}` };
}

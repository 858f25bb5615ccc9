/** Format operators for the TLS of the client; unset for one that came in plain text. */

import type { StreamInfo } from './stream-info.ts';
import type { CertificateInfo } from './tls-info.ts';

type TextOperator = (info: StreamInfo) => string | null;

/** Of the client's certificate; unset without one. */
function ofPeer(read: (certificate: CertificateInfo) => string): TextOperator {
  return ({ tls }) => {
    const peer = tls?.peer ?? null;
    return peer === null ? null : unlessEmpty(read(peer));
  };
}

/** Of the certificate that the client was shown. */
function ofLocal(read: (certificate: CertificateInfo) => string): TextOperator {
  return ({ tls }) => {
    const local = tls?.local ?? null;
    return local === null ? null : unlessEmpty(read(local));
  };
}

function unlessEmpty(text: string): string | null {
  return text === '' ? null : text;
}

/** Several names are joined by commas, as in Envoy. */
export const tlsOperators: Readonly<Record<string, TextOperator>> = {
  DOWNSTREAM_TLS_VERSION: ({ tls }) => tls?.version ?? null,
  DOWNSTREAM_TLS_CIPHER: ({ tls }) => tls?.cipher ?? null,
  DOWNSTREAM_PEER_SUBJECT: ofPeer(({ subject }) => subject),
  DOWNSTREAM_PEER_ISSUER: ofPeer(({ issuer }) => issuer),
  DOWNSTREAM_PEER_SERIAL: ofPeer(({ serial }) => serial),
  DOWNSTREAM_PEER_URI_SAN: ofPeer(({ uris }) => uris.join(',')),
  DOWNSTREAM_PEER_DNS_SAN: ofPeer(({ dnsNames }) => dnsNames.join(',')),
  DOWNSTREAM_PEER_EMAIL_SAN: ofPeer(({ emails }) => emails.join(',')),
  DOWNSTREAM_PEER_CERT: ofPeer(({ urlEncodedPem }) => urlEncodedPem),
  DOWNSTREAM_PEER_CERT_V_START: ofPeer(({ validFrom }) => validFrom.toISOString()),
  DOWNSTREAM_PEER_CERT_V_END: ofPeer(({ validTo }) => validTo.toISOString()),
  DOWNSTREAM_PEER_FINGERPRINT_1: ofPeer(({ sha1 }) => sha1),
  DOWNSTREAM_PEER_FINGERPRINT_256: ofPeer(({ sha256 }) => sha256),
  DOWNSTREAM_LOCAL_SUBJECT: ofLocal(({ subject }) => subject),
  DOWNSTREAM_LOCAL_URI_SAN: ofLocal(({ uris }) => uris.join(',')),
  DOWNSTREAM_LOCAL_DNS_SAN: ofLocal(({ dnsNames }) => dnsNames.join(',')),
  DOWNSTREAM_LOCAL_EMAIL_SAN: ofLocal(({ emails }) => emails.join(',')),
};

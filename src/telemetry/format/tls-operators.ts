/** Format operators for TLS on both sides of the proxy; unset for what came in plain text. */

import { ok } from '../../base/result.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { CertificateInfo, TlsInfo } from '../tls-info.ts';
import type { OperatorFactory } from './operator.ts';
import { timeFormatter } from './time-format.ts';

type TextOperator = (info: StreamInfo) => string | null;
type TlsOf = (info: StreamInfo) => TlsInfo | null;
type CertificateOf = (info: StreamInfo) => CertificateInfo | null;

const downstream: TlsOf = (info) => info.tls;
const upstream: TlsOf = (info) => info.upstreamTls;

/** Of the client or the endpoint; unset for one that showed none. */
function peerOf(tlsOf: TlsOf): CertificateOf {
  return (info) => tlsOf(info)?.peer ?? null;
}

/** The one that the proxy showed. */
function localOf(tlsOf: TlsOf): CertificateOf {
  return (info) => tlsOf(info)?.local ?? null;
}

function unlessEmpty(text: string): string | null {
  return text === '' ? null : text;
}

function field(of: CertificateOf, read: (certificate: CertificateInfo) => string): TextOperator {
  return (info) => {
    const certificate = of(info);
    return certificate === null ? null : unlessEmpty(read(certificate));
  };
}

/** Several names are joined by commas, as in Envoy. */
function namesOf(prefix: string, of: CertificateOf): Record<string, TextOperator> {
  return {
    [`${prefix}_SUBJECT`]: field(of, ({ subject }) => subject),
    [`${prefix}_URI_SAN`]: field(of, ({ uris }) => uris.join(',')),
    [`${prefix}_DNS_SAN`]: field(of, ({ dnsNames }) => dnsNames.join(',')),
    [`${prefix}_IP_SAN`]: field(of, ({ ipAddresses }) => ipAddresses.join(',')),
    [`${prefix}_EMAIL_SAN`]: field(of, ({ emails }) => emails.join(',')),
  };
}

const client = peerOf(downstream);
const endpoint = peerOf(upstream);

export const tlsOperators: Readonly<Record<string, TextOperator>> = {
  DOWNSTREAM_TLS_VERSION: ({ tls }) => tls?.version ?? null,
  DOWNSTREAM_TLS_CIPHER: ({ tls }) => tls?.cipher ?? null,
  ...namesOf('DOWNSTREAM_PEER', client),
  ...namesOf('DOWNSTREAM_LOCAL', localOf(downstream)),
  DOWNSTREAM_PEER_ISSUER: field(client, ({ issuer }) => issuer),
  DOWNSTREAM_PEER_SERIAL: field(client, ({ serial }) => serial),
  DOWNSTREAM_PEER_CERT: field(client, ({ urlEncodedPem }) => urlEncodedPem),
  DOWNSTREAM_PEER_FINGERPRINT_1: field(client, ({ sha1 }) => sha1),
  DOWNSTREAM_PEER_FINGERPRINT_256: field(client, ({ sha256 }) => sha256),

  UPSTREAM_TLS_VERSION: ({ upstreamTls }) => upstreamTls?.version ?? null,
  UPSTREAM_TLS_CIPHER: ({ upstreamTls }) => upstreamTls?.cipher ?? null,
  ...namesOf('UPSTREAM_PEER', endpoint),
  ...namesOf('UPSTREAM_LOCAL', localOf(upstream)),
  UPSTREAM_PEER_ISSUER: field(endpoint, ({ issuer }) => issuer),
  UPSTREAM_PEER_CERT: field(endpoint, ({ urlEncodedPem }) => urlEncodedPem),
};

/** An argument is a format of times. */
export const validityOperators: Readonly<Record<string, OperatorFactory>> = {
  DOWNSTREAM_PEER_CERT_V_START: validity(client, ({ validFrom }) => validFrom),
  DOWNSTREAM_PEER_CERT_V_END: validity(client, ({ validTo }) => validTo),
  UPSTREAM_PEER_CERT_V_START: validity(endpoint, ({ validFrom }) => validFrom),
  UPSTREAM_PEER_CERT_V_END: validity(endpoint, ({ validTo }) => validTo),
};

function validity(
  of: CertificateOf,
  read: (certificate: CertificateInfo) => Date,
): OperatorFactory {
  return (argument) => {
    const render = timeFormatter(argument, 'utc');
    if (!render.ok) return render;
    return ok((info) => {
      const certificate = of(info);
      return certificate === null ? null : render.value(read(certificate).getTime());
    });
  };
}

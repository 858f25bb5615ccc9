/** /certs: what the certificates in use are for, and until when. */

import type { X509Certificate } from 'node:crypto';
import { parseAltNames } from '../../transport/tls-alt-names.ts';
import { type AdminEndpoint, json } from '../admin-endpoint.ts';
import { parseCertificates } from '../parse-certificates.ts';
import type { CertificateUse, NamedCertificate } from '../running-state.ts';

export const certs: AdminEndpoint = {
  path: '/certs',
  mutation: false,
  help: 'print the certificates in use, presented and trusted',
  parameters: [],
  handle: (_request, state) => {
    const now = state.wall();
    return json({ certificates: state.certificates().map((use) => useJson(use, now)) });
  },
};

function useJson({ authorities, chain }: CertificateUse, now: number): unknown {
  return {
    ca_cert: authorities.flatMap((authority) => allJson(authority, now)),
    // As in Envoy of each chain the certificate that stands for the proxy, and not who signed it.
    cert_chain: chain.flatMap((certificate) => allJson(certificate, now).slice(0, 1)),
  };
}

function allJson({ name, pem }: NamedCertificate, now: number): unknown[] {
  return parseCertificates(pem).map((certificate) => certificateJson(name, certificate, now));
}

const dayMs = 86_400_000;

/** Envoy's CertificateDetails. */
function certificateJson(path: string, certificate: X509Certificate, now: number): unknown {
  const { serialNumber, subjectAltName, validFromDate, validToDate } = certificate;
  const days = Math.floor((validToDate.getTime() - now) / dayMs);
  return {
    path,
    serial_number: serialNumber.toLowerCase(),
    subject_alt_names: altNamesJson(subjectAltName),
    days_until_expiration: String(Math.max(0, days)),
    valid_from: secondsIso(validFromDate),
    expiration_time: secondsIso(validToDate),
  };
}

/** Of the kinds that Envoy shows, in its order. */
function altNamesJson(subjectAltName: string | undefined): unknown[] {
  const names = parseAltNames(subjectAltName);
  const of = (wanted: string, field: string) =>
    names.filter(({ kind }) => kind === wanted).map(({ value }) => ({ [field]: value }));
  return [...of('DNS', 'dns'), ...of('URI', 'uri'), ...of('IP Address', 'ip_address')];
}

function secondsIso(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

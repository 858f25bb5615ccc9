/** What becomes of a client where TLS ends here: whether the handshake lets it in, and why. */

import type { X509Certificate } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { Direction } from '../model/listener.ts';
import type { DownstreamTls, PeerValidation } from '../model/tls.ts';
import { forwardedElement } from '../proxy/headers/client-certificate.ts';
import type { TlsInfo } from '../telemetry/tls-info.ts';
import { CertificateFacts } from '../transport/tls-certificate-facts.ts';
import { checkPeer, needsAuthority } from '../transport/tls-peer.ts';
import { type AskedCertificate, readCertificates } from './asked-certificate.ts';
import type { ExplainedConfig } from './explained-config.ts';
import type { ExplainedTls } from './explained-entry.ts';

export interface ClientTls {
  readonly explained: ExplainedTls;
  /** As requests are told of it; null: the certificate of the client is not known. */
  readonly info: TlsInfo | null;
}

export interface ClientOfChain {
  readonly chain: FilterChain;
  readonly direction: Direction;
  readonly certificate: AskedCertificate;
}

/** null: TLS does not end here. */
export function clientTls(config: ExplainedConfig, client: ClientOfChain): ClientTls | null {
  const { chain, certificate, direction } = client;
  const { tls } = chain;
  if (tls === null) return null;
  // What nobody asks for is not shown.
  const isShown = certificate.kind === 'shown' && tls.clientCertificate !== 'none';
  const peer = isShown ? new CertificateFacts(certificate.leaf) : null;
  const missing = missingCertificates(config, tls);
  const refusal = whyNoCertificate(tls, missing) ?? refusalOf(config, tls, certificate);
  const { subjectAltNames = [], trustedCa = null } = tls.validation ?? {};
  return {
    explained: {
      clientCertificate: tls.clientCertificate,
      certificates: tls.certificates,
      missingCertificates: missing,
      trustedCa,
      subjectAltNames,
      client: peer === null ? null : describePeer(peer),
      accepted: refusal === null,
      reason: refusal ?? whyAccepted(tls, certificate),
    },
    info: infoOf(peer, { config, tls, certificate, direction }),
  };
}

/** Whether connections are closed, since there is nothing to show to clients. */
export function hasNoCertificate(config: ExplainedConfig, tls: DownstreamTls | null): boolean {
  return tls !== null && whyNoCertificate(tls, missingCertificates(config, tls)) !== null;
}

function missingCertificates(config: ExplainedConfig, tls: DownstreamTls): readonly string[] {
  return tls.certificates.filter((name) => config.findCertificates(name) === null);
}

/** As Envoy: without one of its certificates a filter chain has none. null: there is one. */
function whyNoCertificate(
  { localAuthority, certificates }: DownstreamTls,
  missing: readonly string[],
): string | null {
  if (localAuthority || (certificates.length > 0 && missing.length === 0)) return null;
  return missing.length === 0
    ? 'it has no certificate to show'
    : `it has no certificate to show: ${missing.join(' and ')} is missing`;
}

function describePeer({ subject, issuer, uris, dnsNames, emails, ipAddresses }: CertificateFacts) {
  return { subject, issuer, subjectAltNames: [...uris, ...dnsNames, ...emails, ...ipAddresses] };
}

function whyAccepted({ clientCertificate }: DownstreamTls, { kind }: AskedCertificate): string {
  if (clientCertificate === 'none') return 'no certificate of the client is asked for';
  if (kind === 'shown') return 'the certificate of the client is good';
  if (kind === 'none') return 'a certificate of the client is asked for, and may be missing';
  const may = clientCertificate === 'required' ? 'must' : 'may';
  return `the client ${may} show a certificate; it is taken for one that is let in`;
}

/** As the handshake decides; null: the client is let in. */
function refusalOf(
  config: ExplainedConfig,
  { clientCertificate, validation }: DownstreamTls,
  certificate: AskedCertificate,
): string | null {
  if (clientCertificate === 'none' || certificate.kind === 'unsaid') return null;
  if (certificate.kind === 'none') {
    return clientCertificate === 'required' ? 'the client must show a certificate' : null;
  }
  if (validation === null) return null;
  const { leaf } = certificate;
  const untrusted = needsAuthority(validation) ? distrustOf(config, certificate, validation) : null;
  if (untrusted !== null) return untrusted;
  switch (checkPeer(leaf, validation)) {
    case 'name': {
      const names = validation.subjectAltNames.join(' or ');
      return `the certificate of the client is to be for ${names}; it is for ${namesOf(leaf)}`;
    }
    case 'hash':
      return 'the certificate of the client is none of those that are named by their hashes';
    default:
      return null;
  }
}

function namesOf(leaf: X509Certificate): string {
  return leaf.subjectAltName ?? 'no name';
}

type Shown = Extract<AskedCertificate, { kind: 'shown' }>;

/** What OpenSSL would find wrong, less what takes its whole machinery; null: nothing. */
function distrustOf(
  config: ExplainedConfig,
  shown: Shown,
  { trustedCa }: PeerValidation,
): string | null {
  const { leaf } = shown;
  const now = systemClock.wall();
  if (leaf.validToDate.getTime() < now) {
    return `the certificate of the client expired on ${leaf.validTo}`;
  }
  if (leaf.validFromDate.getTime() > now) {
    return `the certificate of the client is valid from ${leaf.validFrom}`;
  }
  // Those of the platform are left to the handshake.
  if (trustedCa === null) return null;
  const pem = config.findCertificates(trustedCa)?.trustedCa ?? null;
  if (pem === null) return `the authorities of ${trustedCa} are missing: nobody is let in`;
  if (isSigned(shown, readCertificates(pem) ?? [])) return null;
  return `no authority of ${trustedCa} has signed the certificate of the client`;
}

/** By an authority, or one that the client sends along and that is signed so; or it is one itself. */
function isSigned(
  { leaf, intermediates }: Shown,
  authorities: readonly X509Certificate[],
): boolean {
  let subject = leaf;
  const left = new Set(intermediates);
  for (;;) {
    const { fingerprint256 } = subject;
    const isKnown = authorities.some((one) => one.fingerprint256 === fingerprint256);
    if (isKnown || authorities.some((one) => isSignedBy(subject, one))) return true;
    const next = [...left].find((one) => isSignedBy(subject, one));
    if (next === undefined) return false;
    left.delete(next);
    subject = next;
  }
}

function isSignedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

interface InfoParts {
  readonly config: ExplainedConfig;
  readonly tls: DownstreamTls;
  readonly certificate: AskedCertificate;
  readonly direction: Direction;
}

function infoOf(peer: CertificateFacts | null, parts: InfoParts): TlsInfo | null {
  const { config, tls, certificate, direction } = parts;
  if (certificate.kind === 'unsaid' && tls.clientCertificate !== 'none') return null;
  const [name = ''] = tls.certificates;
  const [own] = readCertificates(config.findCertificates(name)?.certificate ?? '') ?? [];
  const local = own === undefined ? null : new CertificateFacts(own);
  return {
    // Agreed on by a handshake, which there is none of.
    version: '',
    cipher: '',
    peer,
    local,
    forwardedCertificate: peer === null ? null : forwardedElement(peer, local, direction),
  };
}

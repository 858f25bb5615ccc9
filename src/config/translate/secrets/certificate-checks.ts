/**
 * Looks whether PEM texts are what they should be, before a handshake fails on them. What is said
 * of them names keys of a Secret, subjects and times, and never a part of the text.
 */

import type { KeyObject, X509Certificate } from 'node:crypto';
import { nodeCrypto } from '../../../base/node-crypto.ts';
import type { Authorities, KeyPair } from '../../registry/secrets.ts';

export interface PemMistake {
  /** The key of the Secret whose value it is about. */
  readonly key: string;
  readonly message: string;
  readonly hint: string | null;
  /** Nothing can be done with it; otherwise clients will refuse it. */
  readonly isFatal: boolean;
}

export function keyPairMistakes(pair: KeyPair, nowMs: number | null): PemMistake[] {
  const certificates = readCertificates(pair.certificate);
  const mistakes: PemMistake[] = [];
  const [leaf] = certificates ?? [];
  if (leaf === undefined) mistakes.push(noCertificate(pair.certificateKey));
  const privateKey = readPrivateKey(pair.privateKey);
  if (privateKey === null) {
    const message = `"${pair.privateKeyKey}" is no private key in PEM that can be read`;
    const hint = 'it must begin with "-----BEGIN PRIVATE KEY-----" and have no passphrase';
    mistakes.push({ key: pair.privateKeyKey, message, hint, isFatal: true });
  }
  if (leaf === undefined || privateKey === null) return mistakes;
  if (!leaf.checkPrivateKey(privateKey)) {
    const { certificateKey, privateKeyKey } = pair;
    const message = `"${privateKeyKey}" is not the key of the first certificate in "${certificateKey}"`;
    const hint = 'the certificate of the proxy stands first, those that signed it after it';
    mistakes.push({ key: pair.privateKeyKey, message, hint, isFatal: true });
  }
  return [...mistakes, ...expired(leaf, pair.certificateKey, nowMs)];
}

export function authorityMistakes(
  { trustedCaKey, trustedCa, revocationListKey, revocationList }: Authorities,
  nowMs: number | null,
): PemMistake[] {
  const certificates = readCertificates(trustedCa) ?? [];
  if (certificates.length === 0) return [noCertificate(trustedCaKey)];
  const mistakes: PemMistake[] = [];
  if (revocationList !== null && !/-----BEGIN X509 CRL-----/.test(revocationList)) {
    const message = `"${revocationListKey}" is no list of revoked certificates in PEM`;
    const hint = 'it must begin with "-----BEGIN X509 CRL-----"';
    mistakes.push({ key: revocationListKey, message, hint, isFatal: true });
  }
  return [...mistakes, ...certificates.flatMap((one) => expired(one, trustedCaKey, nowMs))];
}

const certificatePattern =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** The certificate of whoever shows it; null where there is none that can be read. */
export function leafCertificate(pem: string): X509Certificate | null {
  return readCertificates(pem)?.[0] ?? null;
}

/** null where one of them cannot be read. */
function readCertificates(pem: string): X509Certificate[] | null {
  try {
    return (pem.match(certificatePattern) ?? []).map(
      (text) => new (nodeCrypto().X509Certificate)(text),
    );
  } catch {
    return null;
  }
}

function readPrivateKey(pem: string): KeyObject | null {
  try {
    return nodeCrypto().createPrivateKey(pem);
  } catch {
    return null;
  }
}

function noCertificate(key: string): PemMistake {
  const message = `"${key}" is no certificate in PEM that can be read`;
  const hint = 'it must begin with "-----BEGIN CERTIFICATE-----"';
  return { key, message, hint, isFatal: true };
}

function expired(certificate: X509Certificate, key: string, nowMs: number | null): PemMistake[] {
  if (nowMs === null) return [];
  const { validFromDate, validToDate, subject } = certificate;
  const name = (subject ?? 'without a subject').replaceAll('\n', ', ');
  if (validToDate.getTime() < nowMs) {
    const message = `the certificate ${name} in "${key}" expired on ${day(validToDate)}`;
    return [{ key, message, hint: 'renew it', isFatal: false }];
  }
  if (validFromDate.getTime() > nowMs) {
    const message = `the certificate ${name} in "${key}" is not valid before ${day(validFromDate)}`;
    return [{ key, message, hint: null, isFatal: false }];
  }
  return [];
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** A certificate with its key, read and checked against each other. */

import type { KeyObject, X509Certificate } from 'node:crypto';
import { nodeCrypto } from '../base/node-crypto.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Secret } from '../model/secret.ts';
import { parseAltNames } from './tls-alt-names.ts';

export interface CertificatePair {
  /** PEM, leaf first. */
  readonly certificate: string;
  readonly privateKey: string;
  /** `rsa`, `ec`, `ed25519`. */
  readonly keyType: string;
  /** Lower case. */
  readonly hosts: ReadonlySet<string>;
}

/** The error says what is wrong, and nothing of what the texts hold. */
export function readCertificatePair(secret: Secret): Result<CertificatePair, string> {
  const { certificate, privateKey } = secret;
  if (certificate === null || certificate === '') return err('it holds no certificate');
  if (privateKey === null || privateKey === '') return err('it holds no private key');
  const leaf = parseCertificate(certificate);
  if (leaf === null) return err('its certificate is not PEM of an X.509 certificate');
  const key = parseKey(privateKey);
  if (key === null) return err('its private key is not PEM of a key without a passphrase');
  if (!leaf.checkPrivateKey(key)) return err('its private key does not belong to its certificate');
  const keyType = key.asymmetricKeyType ?? '';
  return ok({ certificate, privateKey, keyType, hosts: hostsOf(leaf) });
}

/** null: it holds one or more certificates. */
export function authorityProblem(secret: Secret): string | null {
  const { trustedCa } = secret;
  if (trustedCa === null || trustedCa === '') return 'it holds no certificate of an authority';
  if (parseCertificate(trustedCa) !== null) return null;
  return 'its authority is not PEM of an X.509 certificate';
}

function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new (nodeCrypto().X509Certificate)(pem);
  } catch {
    // Reported by who asks for it.
    return null;
  }
}

function parseKey(pem: string): KeyObject | null {
  try {
    return nodeCrypto().createPrivateKey(pem);
  } catch {
    // The message might tell of the key.
    return null;
  }
}

/** The DNS names; without any, the common name. */
function hostsOf(leaf: X509Certificate): Set<string> {
  const names = parseAltNames(leaf.subjectAltName).filter(({ kind }) => kind === 'DNS');
  if (names.length > 0) return new Set(names.map(({ value }) => value.toLowerCase()));
  const common = /^CN=(.*)$/m.exec(leaf.subject)?.[1];
  return new Set(common === undefined ? [] : [common.toLowerCase()]);
}

/**
 * Of several certificates those to show to who asks for `serverName`: those that bear the name, else
 * those for its domain, else all; of each kind of key the first.
 */
export function pairsFor(
  pairs: readonly CertificatePair[],
  serverName: string | null,
): readonly CertificatePair[] {
  if (pairs.length < 2) return pairs;
  const named = serverName === null ? [] : bearing(pairs, serverName);
  const chosen = new Map<string, CertificatePair>();
  for (const pair of named.length > 0 ? named : pairs) {
    if (!chosen.has(pair.keyType)) chosen.set(pair.keyType, pair);
  }
  return [...chosen.values()];
}

function bearing(pairs: readonly CertificatePair[], serverName: string): CertificatePair[] {
  const exact = pairs.filter(({ hosts }) => hosts.has(serverName));
  if (exact.length > 0) return exact;
  const dot = serverName.indexOf('.');
  const wildcard = dot < 0 ? '' : `*${serverName.slice(dot)}`;
  return pairs.filter(({ hosts }) => hosts.has(wildcard));
}

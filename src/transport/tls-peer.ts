/** Whether a peer's certificate is one of those that a configuration names. */

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { nodeCrypto } from '../base/node-crypto.ts';
import type { PeerValidation } from '../model/tls.ts';
import { type AltName, parseAltNames } from './tls-alt-names.ts';

/** What is not as it should be; null: nothing. */
export type PeerMismatch = 'name' | 'hash' | null;

/** An authority must have signed it. Where hashes name certificates, no authority has to. */
export function needsAuthority(validation: PeerValidation | null): boolean {
  return validation !== null && (validation.trustedCa !== null || !hasHashes(validation));
}

/** What OpenSSL does not check. */
export function checkPeer(peer: X509Certificate, validation: PeerValidation): PeerMismatch {
  if (!isPinned(peer, validation)) return 'hash';
  const { subjectAltNames } = validation;
  if (subjectAltNames.length === 0) return null;
  const names = parseAltNames(peer.subjectAltName);
  const isNamed = names.some((name) => subjectAltNames.some((wanted) => isMeant(wanted, name)));
  return isNamed ? null : 'name';
}

function hasHashes({ spkiHashes, certificateHashes }: PeerValidation): boolean {
  return spkiHashes.length + certificateHashes.length > 0;
}

/** One of either list is enough, as in Envoy; so is that both are empty. */
export function isPinned(peer: X509Certificate, validation: PeerValidation): boolean {
  if (!hasHashes(validation)) return true;
  const { spkiHashes, certificateHashes } = validation;
  const sha256 = (bytes: Buffer) => nodeCrypto().createHash('sha256').update(bytes);
  if (certificateHashes.includes(sha256(peer.raw).digest('hex'))) return true;
  if (spkiHashes.length === 0) return false;
  const key = peer.publicKey.export({ type: 'spki', format: 'der' });
  return spkiHashes.includes(sha256(key).digest('base64'));
}

/**
 * Whether one of `names` stands in the certificate as it is, or below a `*.` of the certificate: what
 * endpoints are asked for. Common names do not count.
 */
export function bearsName(peer: X509Certificate, names: readonly string[]): boolean {
  const borne = parseAltNames(peer.subjectAltName);
  return names.some((wanted) => {
    if (isIP(wanted) !== 0 && peer.checkIP(wanted) !== undefined) return true;
    return borne.some((name) => isBorne(wanted, name));
  });
}

function isBorne(wanted: string, { kind, value }: AltName): boolean {
  if (kind !== 'DNS') return wanted === value;
  const [name, host] = [wanted.toLowerCase(), value.toLowerCase()];
  return name === host || isOneLabelBelow(host, name);
}

/** `wanted` as the model has it, and a certificate may have a name for a whole domain. */
function isMeant(wanted: string, { kind, value }: AltName): boolean {
  if (kind !== 'DNS') return isText(wanted, value);
  const host = value.toLowerCase();
  const name = wanted.toLowerCase();
  if (isText(name, host)) return true;
  return isOneLabelBelow(name, host) || isOneLabelBelow(host, name);
}

function isText(wanted: string, value: string): boolean {
  if (wanted === value) return true;
  return wanted.endsWith('*') && value.startsWith(wanted.slice(0, -1));
}

/** `*.example.com` for `a.example.com`. */
function isOneLabelBelow(wildcard: string, host: string): boolean {
  if (!wildcard.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === wildcard.slice(1);
}

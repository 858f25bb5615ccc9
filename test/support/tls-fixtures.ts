/** The certificates of `test/fixtures/tls`, as files, texts and secrets. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtInOrigin } from '../../src/model/origin.ts';
import type { Secret } from '../../src/model/secret.ts';
import type { DownstreamTls, PeerValidation, UpstreamTls } from '../../src/model/tls.ts';

/** Path of `server-a.pem` and such. */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
}

export function pem(name: string): string {
  return readFileSync(tlsFile(`${name}.pem`), 'utf8');
}

export function secretOf(name: string, changes: Partial<Secret> = {}): Secret {
  return {
    name,
    certificate: null,
    privateKey: null,
    trustedCa: null,
    revocationList: null,
    origin: builtInOrigin,
    ...changes,
  };
}

/** A certificate with its key; the secret has their name. */
export function pairSecret(certificate: string, name = certificate): Secret {
  return secretOf(name, {
    certificate: pem(certificate),
    privateKey: pem(`${certificate}.key`),
  });
}

export function authoritySecret(authority = 'authority', name = authority): Secret {
  return secretOf(name, { trustedCa: pem(authority) });
}

export function secretsOf(...secrets: readonly Secret[]): Map<string, Secret> {
  return new Map(secrets.map((secret) => [secret.name, secret]));
}

/** Istio's SIMPLE, for `server-a`. */
export function simpleTls(changes: Partial<DownstreamTls> = {}): DownstreamTls {
  return {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    certificates: ['server-a'],
    localAuthority: false,
    clientCertificate: 'none',
    validation: null,
    alpn: ['h2', 'http/1.1'],
    ...changes,
  };
}

/** Any certificate that `authority` has signed. */
export function peerValidation(changes: Partial<PeerValidation> = {}): PeerValidation {
  return {
    trustedCa: 'authority',
    subjectAltNames: [],
    spkiHashes: [],
    certificateHashes: [],
    ...changes,
  };
}

/** Istio's MUTUAL. */
export function mutualTls(changes: Partial<DownstreamTls> = {}): DownstreamTls {
  return simpleTls({ clientCertificate: 'required', validation: peerValidation(), ...changes });
}

/** Istio's SIMPLE towards endpoints that `authority` has signed. */
export function endpointTls(changes: Partial<UpstreamTls> = {}): UpstreamTls {
  return {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    sni: null,
    certificate: null,
    validation: peerValidation(),
    autoSanValidation: true,
    alpn: [],
    ...changes,
  };
}

/** What is told of a certificate: in x-forwarded-client-cert, and in access logs. */

import type { X509Certificate } from 'node:crypto';
import {
  type AltName,
  type AltNameKind,
  distinguishedName,
  parseAltNames,
} from './tls-alt-names.ts';

/** Envoy encodes these and no others. */
const encoded: Readonly<Record<string, string>> = {
  '\n': '%0A',
  ' ': '%20',
  '+': '%2B',
  '/': '%2F',
  '=': '%3D',
};

/** Made once for a connection, and read for each of its requests. */
export class CertificateFacts {
  readonly #certificate: X509Certificate;
  #names: readonly AltName[] | null = null;
  #urlEncodedPem: string | null = null;

  constructor(certificate: X509Certificate) {
    this.#certificate = certificate;
  }

  get uris(): string[] {
    return this.#namesOf('URI');
  }

  get dnsNames(): string[] {
    return this.#namesOf('DNS');
  }

  get emails(): string[] {
    return this.#namesOf('email');
  }

  get ipAddresses(): string[] {
    return this.#namesOf('IP Address');
  }

  get subject(): string {
    return distinguishedName(this.#certificate.subject);
  }

  get issuer(): string {
    return distinguishedName(this.#certificate.issuer);
  }

  get serial(): string {
    return this.#certificate.serialNumber.toLowerCase();
  }

  get sha1(): string {
    return hexDigits(this.#certificate.fingerprint);
  }

  get sha256(): string {
    return hexDigits(this.#certificate.fingerprint256);
  }

  get validFrom(): Date {
    return this.#certificate.validFromDate;
  }

  get validTo(): Date {
    return this.#certificate.validToDate;
  }

  get urlEncodedPem(): string {
    this.#urlEncodedPem ??= this.#certificate
      .toString()
      .replace(/[\n +/=]/g, (character) => encoded[character] as string);
    return this.#urlEncodedPem;
  }

  #namesOf(wanted: AltNameKind): string[] {
    this.#names ??= parseAltNames(this.#certificate.subjectAltName);
    return this.#names.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  }
}

/** Out of `AB:CD`. */
function hexDigits(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}

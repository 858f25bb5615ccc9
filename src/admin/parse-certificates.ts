/** Certificates out of the text of a PEM file. */

import type { X509Certificate } from 'node:crypto';
import { nodeCrypto } from '../base/node-crypto.ts';

/** What cannot be read is left out: a finding tells of it. */
export function parseCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map(parse).filter((certificate) => certificate !== null);
}

function parse(pem: string): X509Certificate | null {
  try {
    return new (nodeCrypto().X509Certificate)(pem);
  } catch {
    return null;
  }
}

/** The certificate that a client shows, as users give it. */

import type { X509Certificate } from 'node:crypto';
import { nodeCrypto } from '../base/node-crypto.ts';
import { err, ok, type Result } from '../base/result.ts';

export type AskedCertificate =
  /** Nobody says: one that is let in, if the listener asks for any. */
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'shown';
      readonly leaf: X509Certificate;
      /** What the client sends along, of authorities between. */
      readonly intermediates: readonly X509Certificate[];
    };

/** `text`: PEM, the leaf first; `none`; null where nobody says. */
export function readAskedCertificate(text: string | null): Result<AskedCertificate, string> {
  if (text === null) return ok({ kind: 'unsaid' });
  if (text === 'none') return ok({ kind: 'none' });
  const certificates = readCertificates(text);
  const [leaf, ...intermediates] = certificates ?? [];
  if (leaf === undefined) return err('the certificate of the client is not PEM of X.509');
  return ok({ kind: 'shown', leaf, intermediates });
}

/** All in a text of PEM; null where one is not what it should be. */
export function readCertificates(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new (nodeCrypto().X509Certificate)(block));
  } catch {
    // Told by whoever asked for it.
    return null;
  }
}

/** Names of secrets that lie in files. */

import type { SecretName } from '../../../model/tls.ts';

/** `paths`: a certificate and its key, or authorities and perhaps a list of what is revoked. */
export function fileSecret(paths: readonly string[]): SecretName {
  const escaped = paths.map((path) => path.replaceAll('%', '%25').replaceAll(',', '%2C'));
  return `file://${escaped.join(',')}`;
}

/** The files that Istio's agent writes. */
export function identityFiles(folder: string): {
  readonly certificate: SecretName;
  readonly authorities: SecretName;
} {
  const file = (name: string) => `${folder.replace(/\/$/, '')}/${name}`;
  return {
    certificate: fileSecret([file('cert-chain.pem'), file('key.pem')]),
    authorities: fileSecret([file('root-cert.pem')]),
  };
}

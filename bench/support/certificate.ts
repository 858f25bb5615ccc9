/** A certificate for one run of a benchmark. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its key, PEM, in files; `both` has one after the other. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly both: string;
}

/** A Secret of Kubernetes with it. */
export function tlsSecret(name: string, files: Pick<Certificate, 'certificate' | 'key'>): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name },
    stringData: {
      'tls.crt': readFileSync(files.certificate, 'latin1'),
      'tls.key': readFileSync(files.key, 'latin1'),
    },
  };
}

/** P-256, signed by itself. Needs openssl. */
export function makeCertificate(folder: string): Certificate {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const both = join(folder, 'both.pem');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const files = ['-keyout', key, '-out', certificate];
  const rest = ['-subj', '/CN=bench', '-days', '2', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...rest], { stdio: 'ignore' });
  writeFileSync(both, readFileSync(certificate, 'latin1') + readFileSync(key, 'latin1'));
  return { certificate, key, both };
}

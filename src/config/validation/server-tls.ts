/** TLS towards clients, of gateways and sidecars. */

import { isCipherSuite } from '../cipher-suites.ts';
import type { Path, Problems } from '../problem.ts';
import type { ServerTlsSettings } from '../schema/gateway.ts';

export function checkServerTls(
  tls: ServerTlsSettings | undefined,
  path: Path,
  problems: Problems,
): void {
  if (tls === undefined) return;
  checkVersionsAndCiphers(tls, path, problems);
  switch (tls.mode ?? 'PASSTHROUGH') {
    case 'ISTIO_MUTUAL':
      checkNoFiles(tls, path, problems);
      break;
    case 'PASSTHROUGH':
    case 'AUTO_PASSTHROUGH':
      if (firstFile(tls) === null) break;
      reportUnused(tls, path, problems);
      break;
    case 'SIMPLE':
      checkCertificates(tls, path, problems);
      break;
    case 'MUTUAL':
    case 'OPTIONAL_MUTUAL':
      checkCertificates(tls, path, problems);
      checkAuthorities(tls, path, problems);
  }
}

function reportUnused({ mode }: ServerTlsSettings, path: Path, problems: Problems): void {
  const message = `${mode ?? 'PASSTHROUGH'} does not use certificates`;
  const hint = mode === undefined ? 'without mode it is PASSTHROUGH; set mode: SIMPLE' : null;
  problems.doubtful(path, message, hint);
}

const fileFields = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'caCrl',
  'credentialName',
] as const;

function firstFile(tls: ServerTlsSettings): (typeof fileFields)[number] | null {
  return fileFields.find((field) => (tls[field] ?? '') !== '') ?? null;
}

function checkNoFiles(tls: ServerTlsSettings, path: Path, problems: Problems): void {
  const field = firstFile(tls);
  if (field === null || field === 'caCrl') return;
  problems.invalid([...path, field], `ISTIO_MUTUAL brings its own certificates, remove "${field}"`);
}

function usesSecrets(tls: ServerTlsSettings): boolean {
  return (tls.credentialName ?? '') !== '' || (tls.credentialNames ?? []).length > 0;
}

function checkCertificates(tls: ServerTlsSettings, path: Path, problems: Problems): void {
  const { serverCertificate = '', privateKey = '', tlsCertificates = [] } = tls;
  const sources = [
    (tls.credentialName ?? '') !== '',
    (tls.credentialNames ?? []).length > 0,
    serverCertificate !== '' && privateKey !== '',
    tlsCertificates.length > 0,
  ].filter(Boolean).length;
  if (sources > 1) {
    const message =
      'only one of credentialName, credentialNames, serverCertificate with privateKey, and ' +
      'tlsCertificates may be set';
    problems.invalid(path, message);
  }
  if (tlsCertificates.length > 2 || (tls.credentialNames ?? []).length > 2) {
    problems.doubtful(path, 'at most two certificates are used');
  }
  if (usesSecrets(tls)) return;
  if (tlsCertificates.length === 0) checkPair(tls, path, problems);
  for (const [index, pair] of tlsCertificates.entries()) {
    checkPair(pair, [...path, 'tlsCertificates', index], problems);
  }
}

interface CertificateFiles {
  readonly serverCertificate?: string;
  readonly privateKey?: string;
}

function checkPair(
  { serverCertificate = '', privateKey = '' }: CertificateFiles,
  path: Path,
  problems: Problems,
): void {
  if (problems.localTls && serverCertificate === '' && privateKey === '') return;
  if (serverCertificate === '') {
    problems.invalid(path, 'TLS needs a certificate', 'set credentialName, or serverCertificate');
  }
  if (privateKey === '') {
    problems.invalid(path, 'TLS needs a private key', 'set credentialName, or privateKey');
  }
}

function checkAuthorities(tls: ServerTlsSettings, path: Path, problems: Problems): void {
  if (usesSecrets(tls)) return;
  if ((tls.caCertificates ?? '') !== '' || (tls.caCertCredentialName ?? '') !== '') return;
  const message = `${tls.mode} needs the authorities of client certificates`;
  problems.invalid(path, message, 'set caCertificates');
}

function checkVersionsAndCiphers(tls: ServerTlsSettings, path: Path, problems: Problems): void {
  const { minProtocolVersion = 'TLS_AUTO', cipherSuites: wanted = [] } = tls;
  if (['TLSV1_0', 'TLSV1_1'].includes(minProtocolVersion) && wanted.length === 0) {
    const message = 'TLS below 1.2 needs cipherSuites that are off by default';
    problems.doubtful([...path, 'minProtocolVersion'], message);
  }
  for (const [index, suite] of wanted.entries()) {
    if (isCipherSuite(suite)) continue;
    problems.doubtful([...path, 'cipherSuites', index], `the cipher suite "${suite}" is unknown`);
  }
}

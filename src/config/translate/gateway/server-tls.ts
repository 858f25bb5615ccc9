/** TLS of a Gateway server, as Istio sets up Envoy for it (BuildListenerTLSContext). */

import type {
  DownstreamTls,
  PeerValidation,
  SecretName,
  TlsParameters,
} from '../../../model/tls.ts';
import { knownCipherSuites } from '../../cipher-suites.ts';
import type { TlsDefaults } from '../../proxy-settings.ts';
import type { ServerTlsSettings } from '../../schema/gateway.ts';
import { tlsVersion } from '../../tls-version.ts';
import type { Scope } from '../scope.ts';
import { fileSecret, identityFiles } from '../secrets/file-secrets.ts';
import type { CredentialUse } from '../secrets/secrets.ts';
import { type FindingPlace, translationCode } from '../translation-findings.ts';

/** Also for connections: Istio offers HTTP whatever is spoken after TLS. */
const alpn = ['h2', 'http/1.1'];

/**
 * `place` is that of the settings. null: the mode is ISTIO_MUTUAL, and the proxy has no certificate
 * of the mesh.
 */
export function translateServerTls(
  scope: Scope,
  tls: ServerTlsSettings,
  place: FindingPlace,
): DownstreamTls | null {
  const { identityFolder, mesh } = scope.settings;
  if (tls.mode === 'ISTIO_MUTUAL') {
    return identityFolder === null ? null : meshTls(identityFolder, tls);
  }
  return {
    ...tlsParameters(tls, mesh.tlsDefaults),
    certificates: certificatesOf(scope, tls, place),
    localAuthority: scope.settings.localTls,
    ...clientCertificate(scope, tls, place),
    alpn,
  };
}

/** For https where no server is set up for it: whatever the local authority signs. */
export function localServerTls({ settings }: Scope): DownstreamTls {
  return {
    ...tlsParameters({}, settings.mesh.tlsDefaults),
    certificates: [],
    localAuthority: true,
    clientCertificate: 'none',
    validation: null,
    alpn,
  };
}

/** What the server says of versions is not read. */
function meshTls(folder: string, { subjectAltNames = [] }: ServerTlsSettings): DownstreamTls {
  const files = identityFiles(folder);
  return {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    certificates: [files.certificate],
    localAuthority: false,
    clientCertificate: 'required',
    validation: {
      trustedCa: files.authorities,
      subjectAltNames,
      spkiHashes: [],
      certificateHashes: [],
    },
    alpn,
  };
}

function tlsParameters(tls: ServerTlsSettings, defaults: TlsDefaults): TlsParameters {
  return {
    minVersion: tlsVersion(tls.minProtocolVersion) ?? defaults.minVersion,
    maxVersion: tlsVersion(tls.maxProtocolVersion) ?? 'TLSv1.3',
    cipherSuites: knownCipherSuites(tls.cipherSuites) ?? defaults.cipherSuites,
  };
}

function certificatesOf(
  { secrets, settings, findings }: Scope,
  tls: ServerTlsSettings,
  { resource, path }: FindingPlace,
): SecretName[] {
  const use: CredentialUse = {
    substitute: settings.localTls ? 'local-certificates' : 'none',
    isGranted: tls.isGranted === true,
  };
  const { credentialName = '', credentialNames = [], tlsCertificates = [] } = tls;
  if (credentialNames.length > 0) {
    return credentialNames.map((name, index) => {
      const place = { resource, path: [...path, 'credentialNames', index] };
      return secrets.keyPair(name, place, use);
    });
  }
  if (credentialName !== '') {
    const place = { resource, path: [...path, 'credentialName'] };
    return [secrets.keyPair(credentialName, place, use)];
  }
  const pairs = tlsCertificates.length > 0 ? tlsCertificates : [tls];
  return pairs.flatMap(({ serverCertificate = '', privateKey = '' }) => {
    if (serverCertificate !== '' || privateKey !== '') {
      return [fileSecret([serverCertificate, privateKey])];
    }
    // Only with local TLS: such servers are refused otherwise.
    const message = 'no certificate is named; the local authority signs certificates in its place';
    findings.add(translationCode.locallySigned, { resource, path }, { message });
    return [];
  });
}

function clientCertificate(
  scope: Scope,
  tls: ServerTlsSettings,
  place: FindingPlace,
): Pick<DownstreamTls, 'clientCertificate' | 'validation'> {
  if (tls.mode !== 'MUTUAL' && tls.mode !== 'OPTIONAL_MUTUAL') {
    reportIdle(scope, tls, place);
    return { clientCertificate: 'none', validation: null };
  }
  return {
    clientCertificate: tls.mode === 'MUTUAL' ? 'required' : 'optional',
    validation: tls.insecureSkipVerify === true ? null : validationOf(scope, tls, place),
  };
}

/** What only counts where clients show certificates. */
const clientFields = [
  'subjectAltNames',
  'verifyCertificateSpki',
  'verifyCertificateHash',
  'caCertificates',
  'caCertCredentialName',
] as const;

/** With subjectAltNames here, Envoy would refuse the whole listener. */
function reportIdle(
  { findings }: Scope,
  tls: ServerTlsSettings,
  { resource, path }: FindingPlace,
): void {
  for (const field of clientFields) {
    if ((tls[field] ?? '').length === 0) continue;
    findings.add(
      translationCode.idleTlsSettings,
      { resource, path: [...path, field] },
      {
        message: `${field} has no effect: no client is asked for a certificate with ${tls.mode}`,
        hint: 'set mode to MUTUAL or OPTIONAL_MUTUAL, or remove it',
      },
    );
  }
}

function validationOf(scope: Scope, tls: ServerTlsSettings, place: FindingPlace): PeerValidation {
  return {
    trustedCa: authoritiesOf(scope, tls, place),
    subjectAltNames: tls.subjectAltNames ?? [],
    spkiHashes: tls.verifyCertificateSpki ?? [],
    certificateHashes: (tls.verifyCertificateHash ?? []).map((hash) =>
      hash.replaceAll(':', '').toLowerCase(),
    ),
  };
}

/** Of several `credentialNames` the first has the authorities. */
function authoritiesOf(
  { secrets }: Scope,
  tls: ServerTlsSettings,
  { resource, path }: FindingPlace,
): SecretName {
  const { caCertCredentialName = '', caCertificates = '', caCrl = '' } = tls;
  if (caCertCredentialName !== '') {
    const place = { resource, path: [...path, 'caCertCredentialName'] };
    return secrets.ownAuthorities(caCertCredentialName, place);
  }
  const { credentialName = '', isGranted = false } = tls;
  const [first] = tls.credentialNames ?? [];
  if (first !== undefined) {
    const place = { resource, path: [...path, 'credentialNames', 0] };
    return secrets.authorities(first, place, { isGranted });
  }
  if (credentialName !== '') {
    const place = { resource, path: [...path, 'credentialName'] };
    return secrets.authorities(credentialName, place, { isGranted });
  }
  return fileSecret(caCrl === '' ? [caCertificates] : [caCertificates, caCrl]);
}

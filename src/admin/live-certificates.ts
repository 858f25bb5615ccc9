/** The certificates that the running proxy presents and trusts. Keys stay where they are. */

import type { Mesh } from '../model/mesh.ts';
import type { Secret } from '../model/secret.ts';
import type { DownstreamTls, UpstreamTls } from '../model/tls.ts';
import { pathsOf } from '../runtime/secret-files.ts';
import type { LocalCertificates } from '../transport/local-certificates.ts';
import type { TlsContexts } from '../transport/tls-contexts.ts';
import type { CertificateUse, NamedCertificate } from './running-state.ts';

/** One for each set of certificates that are used together, and one of the local authority. */
export function certificatesInUse(
  mesh: Mesh,
  { secrets, localCertificates }: TlsContexts,
): readonly CertificateUse[] {
  const uses = new Map<string, CertificateUse>();
  for (const tls of tlsOf(mesh)) {
    const presented = presentedBy(tls);
    const authority = tls.validation?.trustedCa ?? null;
    const key = JSON.stringify([presented, authority]);
    if (uses.has(key)) continue;
    uses.set(key, {
      authorities: named(secrets, authority === null ? [] : [authority], 'trustedCa'),
      chain: named(secrets, presented, 'certificate'),
    });
  }
  const local = localCertificates === null ? [] : [localUse(localCertificates)];
  return [...uses.values(), ...local].filter(
    ({ authorities, chain }) => authorities.length + chain.length > 0,
  );
}

function localUse(certificates: LocalCertificates): CertificateUse {
  const { authority, leaves } = certificates.known();
  return {
    authorities: [{ name: 'local authority', pem: authority }],
    chain: leaves.map(({ host, certificate }) => ({ name: host, pem: certificate })),
  };
}

function* tlsOf(mesh: Mesh): Iterable<DownstreamTls | UpstreamTls> {
  for (const { filterChains } of mesh.listeners) {
    for (const { tls } of filterChains) if (tls !== null) yield tls;
  }
  for (const { tls, healthCheck } of mesh.clusters) {
    if (tls !== null) yield tls;
    if (healthCheck !== null && healthCheck.tls !== null) yield healthCheck.tls;
  }
}

function presentedBy(tls: DownstreamTls | UpstreamTls): readonly string[] {
  if ('certificates' in tls) return tls.certificates;
  return tls.certificate === null ? [] : [tls.certificate];
}

/** What is missing or cannot be read is in the findings. */
function named(
  secrets: ReadonlyMap<string, Secret>,
  names: readonly string[],
  part: 'certificate' | 'trustedCa',
): readonly NamedCertificate[] {
  return names.flatMap((name) => {
    const pem = secrets.get(name)?.[part] ?? null;
    return pem === null ? [] : [{ name: shownName(name), pem }];
  });
}

function shownName(name: string): string {
  return name.startsWith('file://') ? (pathsOf(name)[0] ?? name) : name;
}

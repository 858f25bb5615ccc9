/** Tells of servers whose certificates clients refuse, for they are for other hosts. */

import type { X509Certificate } from 'node:crypto';
import type { SecretName } from '../../../model/tls.ts';
import type { Scope } from '../scope.ts';
import { leafCertificate } from '../secrets/certificate-checks.ts';
import { translationCode } from '../translation-findings.ts';
import type { BoundServer } from './gateway-servers.ts';

/** So many names are shown. */
const maxNames = 3;

/**
 * Only where no certificate is for any host of the server: a server may well have more hosts than
 * are in use. Nothing is known of certificates in files, and of those that are missing.
 */
export function reportUncoveredHosts(
  { secrets, findings }: Scope,
  { resource, path, spec, hosts: serverHosts }: BoundServer,
  certificates: readonly SecretName[],
): void {
  const leaves = certificates.map((name) =>
    leafCertificate(secrets.found(name)?.certificate ?? ''),
  );
  const known = leaves.filter((leaf) => leaf !== null);
  if (known.length === 0 || known.length < leaves.length) return;
  const hosts = serverHosts.map(({ host }) => host);
  if (hosts.some((host) => known.some((leaf) => covers(leaf, host)))) return;
  const names = known.flatMap(namesOf);
  const field = (spec.tls?.credentialNames ?? []).length > 0 ? 'credentialNames' : 'credentialName';
  findings.add(
    translationCode.uncoveredHosts,
    { resource, path: [...path, 'tls', field] },
    {
      message: `the certificate is for ${shown(names)}, and no host of the server: clients refuse it`,
      hint: `put one for ${shown(hosts)} into the Secret, or correct the hosts`,
    },
  );
}

/** Of a host with a wildcard: whether it is for one of its names. */
export function covers(leaf: X509Certificate, host: string): boolean {
  if (host === '*') return true;
  if (!host.startsWith('*.')) return leaf.checkHost(host) !== undefined;
  const suffix = host.slice(1).toLowerCase();
  return namesOf(leaf).some((name) => name.endsWith(suffix));
}

/** Those of the extension, or without them the common name, which some clients still look at. */
function namesOf({ subjectAltName = '', subject }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"]+)/g)];
  const found = names.length > 0 ? names : [...(subject ?? '').matchAll(/^CN=(.*)$/gm)];
  return found.map(([, name = '']) => name.toLowerCase());
}

function shown(names: readonly string[]): string {
  const more = names.length > maxNames ? ' and others' : '';
  return names.length === 0 ? 'no host' : `${names.slice(0, maxNames).join(', ')}${more}`;
}

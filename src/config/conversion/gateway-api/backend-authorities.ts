/** Which authorities a BackendTLSPolicy trusts, as a `credentialName` of a DestinationRule. */

import type { Path } from '../../problem.ts';
import {
  type ConfigMapName,
  configMapCredential,
  noCredential,
} from '../../registry/config-map-credential.ts';
import type { ConfigMapIndex } from '../../registry/config-maps.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { authorityMistakes } from '../../translate/secrets/certificate-checks.ts';
import type { Condition } from '../resource-status.ts';
import { conditionOf } from './conditions.ts';

export type BackendTlsPolicy = ResourceSet['backendTlsPolicies'][number];

/** Why a reference to authorities, or `wellKnownCACertificates`, cannot be used. */
export interface AuthorityProblem {
  readonly reason: 'InvalidCACertificateRef' | 'InvalidKind' | 'Invalid';
  readonly message: string;
  readonly path: Path;
}

export interface BackendAuthorities {
  /** null: those of the platform. */
  readonly credentialName: string | null;
  /** Nothing can be verified: connections must not be made. */
  readonly isUseless: boolean;
  readonly problems: readonly AuthorityProblem[];
}

const validation = ['spec', 'validation'];

/** What can be used of several counts. */
export function backendAuthorities(
  { spec, metadata }: BackendTlsPolicy,
  configMaps: ConfigMapIndex,
): BackendAuthorities {
  const { caCertificateRefs = [], wellKnownCACertificates } = spec.validation;
  const { namespace } = metadata;
  if (caCertificateRefs.length === 0) {
    if (wellKnownCACertificates === 'System') {
      return { credentialName: null, isUseless: false, problems: [] };
    }
    const problem: AuthorityProblem = {
      reason: 'Invalid',
      message: `"${wellKnownCACertificates}" is unknown; the only set of authorities is "System"`,
      path: [...validation, 'wellKnownCACertificates'],
    };
    return useless(metadata, [problem]);
  }
  const read = caCertificateRefs.map((ref, index) => {
    const path = [...validation, 'caCertificateRefs', index];
    const problem = problemOf({ ...ref, namespace }, path, configMaps);
    return { name: { namespace, name: ref.name }, problem };
  });
  const problems = read.flatMap(({ problem }) => problem ?? []);
  const usable = read.filter(({ problem }) => problem === null).map(({ name }) => name);
  if (usable.length === 0) return useless(metadata, problems);
  return { credentialName: configMapCredential(usable), isUseless: false, problems };
}

function useless(
  { namespace, name }: BackendTlsPolicy['metadata'],
  problems: readonly AuthorityProblem[],
): BackendAuthorities {
  return { credentialName: noCredential(namespace, name), isUseless: true, problems };
}

interface Reference {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

function problemOf(
  { group, kind, namespace, name }: Reference,
  path: Path,
  configMaps: ConfigMapIndex,
): AuthorityProblem | null {
  if (group !== '' || kind !== 'ConfigMap') {
    const written = group === '' ? kind : `${kind} of ${group}`;
    const message = `${written} is no kind of authorities, which are in a ConfigMap`;
    return { reason: 'InvalidKind', message, path: [...path, 'kind'] };
  }
  const message = authoritiesMistake({ namespace, name }, configMaps);
  if (message === null) return null;
  return { reason: 'InvalidCACertificateRef', message, path: [...path, 'name'] };
}

/** Why a ConfigMap is no use; whether an authority has expired is told where it is used. */
export function authoritiesMistake(name: ConfigMapName, configMaps: ConfigMapIndex): string | null {
  const found = configMaps.authorities(name);
  if (!found.ok) return found.error;
  const [mistake] = authorityMistakes(found.value.authorities, null);
  if (mistake === undefined) return null;
  return `the ConfigMap ${name.namespace}/${name.name} cannot be used: ${mistake.message}`;
}

export function resolvedRefs({ problems }: BackendAuthorities): Condition {
  const problem = problems.find(({ reason }) => reason !== 'Invalid');
  return conditionOf('ResolvedRefs', problem ?? null, 'all references are resolved');
}

/** Kubernetes Secrets by name, and what Istio takes from one: a key pair, or authorities. */

import { err, ok, type Result } from '../../base/result.ts';
import type { ResourceSet } from '../resource-set.ts';

export type SecretResource = ResourceSet['secrets'][number];

type Valued = Pick<SecretResource, 'spec'>;

/** PEM texts, with the keys of the Secret that they come from. */
export interface KeyPair {
  readonly certificateKey: string;
  readonly certificate: string;
  readonly privateKeyKey: string;
  readonly privateKey: string;
}

export interface Authorities {
  readonly trustedCaKey: string;
  readonly trustedCa: string;
  readonly revocationListKey: string;
  readonly revocationList: string | null;
}

/** The first that a Secret has counts: names of generic Secrets go before those of TLS ones. */
const pairKeys = [
  ['cert', 'key'],
  ['tls.crt', 'tls.key'],
] as const;
const authorityKeys = [
  ['cacert', 'crl'],
  ['ca.crt', 'ca.crl'],
] as const;

export class SecretIndex {
  readonly #secrets: ReadonlyMap<string, SecretResource>;

  constructor(secrets: readonly SecretResource[]) {
    this.#secrets = new Map(
      secrets.map((secret) => [`${secret.metadata.namespace}/${secret.metadata.name}`, secret]),
    );
  }

  find(namespace: string, name: string): SecretResource | null {
    return this.#secrets.get(`${namespace}/${name}`) ?? null;
  }

  namesIn(namespace: string): string[] {
    return [...this.#secrets.values()]
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(({ metadata }) => metadata.name);
  }

  /** Namespaces that have a Secret of this name. */
  namespacesOf(name: string): string[] {
    return [...this.#secrets.values()]
      .filter(({ metadata }) => metadata.name === name)
      .map(({ metadata }) => metadata.namespace);
  }
}

/** The error says which keys are missing. */
export function keyPairOf(secret: SecretResource): Result<KeyPair, string> {
  for (const [certificateKey, privateKeyKey] of pairKeys) {
    const certificate = textOf(secret, certificateKey);
    const privateKey = textOf(secret, privateKeyKey);
    if (certificate === null || privateKey === null) continue;
    return ok({ certificateKey, certificate, privateKeyKey, privateKey });
  }
  return err('it has neither tls.crt and tls.key nor cert and key');
}

/** The error says which keys are missing. */
export function authoritiesOf(secret: Valued): Result<Authorities, string> {
  for (const [trustedCaKey, revocationListKey] of authorityKeys) {
    const trustedCa = textOf(secret, trustedCaKey);
    if (trustedCa === null) continue;
    const revocationList = textOf(secret, revocationListKey);
    return ok({ trustedCaKey, trustedCa, revocationListKey, revocationList });
  }
  return err('it has neither ca.crt nor cacert');
}

/** null for an empty one. As the API server merges them, `stringData` goes before `data`. */
function textOf({ spec }: Valued, key: string): string | null {
  const plain = ownValue(spec.stringData, key);
  const text = plain ?? Buffer.from(ownValue(spec.data, key) ?? '', 'base64').toString('utf8');
  return text.trim() === '' ? null : text;
}

function ownValue(
  values: Readonly<Record<string, string>> | undefined,
  key: string,
): string | undefined {
  return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
}
